/* Broken on purpose: forgets what it allocated. LeakSanitizer must see it, after the library was at work. */
#include "../check.h"

static void forget(void)
{
    char *volatile lost = (char *)malloc(77);
    strcpy(lost, "lost");
    lost = 0;
}

int main(void)
{
    pj_fields *bag = BAG("amount:1");
    OK(pj_fields_free(bag));
    forget();
    return 0;
}
