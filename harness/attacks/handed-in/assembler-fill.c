/* tries: 16 GiB of zeros, by the assembler
 * points: 0
 * ends: makes more than 256 MiB of files|more than 512 MiB */
__asm__(".fill 1 << 34");

int main(void)
{
    return 0;
}
