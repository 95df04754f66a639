/* tries: #include of /dev/zero, which never ends
 * points: 0
 * ends: /dev/zero: No such file */
#include "/dev/zero"
int main(void)
{
    return 0;
}
