/* tries: an error message of 16 MB
 * points: 0
 * ends: error: static assertion failed|takes more than */
int main(void)
{
    return 0;
}
#define E4(x) x x x x x x x x x x x x x x x x
#define E3(x) E4(E4(x))
#define E2(x) E3(E3(x))
_Static_assert(0, E2(E4("a hundred characters of nothing at all a hundred "
                        "characters of nothing at all a hundred characters ")));
