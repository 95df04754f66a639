/* tries: #include of /etc/shadow, for the error message to tell it
 * points: 0
 * ends: shout.c:4:10: fatal error: /etc/shadow: No such file */
#include "/etc/shadow"
int main(void)
{
    return 0;
}
