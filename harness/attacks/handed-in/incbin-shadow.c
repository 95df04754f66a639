/* tries: .incbin of /etc/shadow into the program
 * points: 0
 * ends: Error: file not found: /etc/shadow */
__asm__(".incbin \"/etc/shadow\"");

int main(void)
{
    return 0;
}
