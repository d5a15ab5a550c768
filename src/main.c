/* The command table and dispatch, nothing else. */
#include <stdio.h>

int main(void)
{
    puts("coldspot");
    return 0;
}
