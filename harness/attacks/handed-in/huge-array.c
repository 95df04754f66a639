/* tries: an initialised array of 4 GiB, to fill the disk
 * points: 0
 * ends: makes more than 256 MiB of files|more than 512 MiB */
int array[1 << 30] = {1};

int main(void)
{
    return array[0];
}
