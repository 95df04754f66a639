/* tries: .incbin of other processes' memory and of the kernel's
 * points: 0
 * ends: Error: file not found: /proc/1/mem */
__asm__(".incbin \"/proc/1/mem\"\n.incbin \"/proc/kcore\"");

int main(void)
{
    return 0;
}
