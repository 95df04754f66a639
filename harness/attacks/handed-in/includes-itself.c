/* tries: a file that includes itself twice, 2^200 times in all
 * points: 0
 * ends: takes more than 3 s of CPU time|takes more than 512 MiB */
#include __FILE__
#include __FILE__

int main(void)
{
    return 0;
}
