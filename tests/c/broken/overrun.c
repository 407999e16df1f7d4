/* Broken on purpose: hands the library a buffer that is smaller than it says. AddressSanitizer must see the library
   write beyond its end. */
#include "../check.h"

int main(void)
{
    char *small = (char *)malloc(4);
    CHECK(pj_poll(0, 0) != PJ_OK);
    OK(pj_last_error(small, 512, 0));
    printf("%.4s\n", small);
    free(small);
    return 0;
}
