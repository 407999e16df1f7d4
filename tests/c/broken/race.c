/* Broken on purpose: two threads hand the library the same result to fill. ThreadSanitizer must see the library write
   it from both. */
#include "../check.h"
#include <pthread.h>

static pj_request *request;
static pj_result shared;

static void *poll_it(void *unused)
{
    int i;
    for (i = 0; i < 1000; i++) OK(pj_poll(request, &shared));
    return unused;
}

int main(void)
{
    sale_name name = new_name();
    pj_client *client = OPEN("terminal=@lane1");
    pthread_t other;
    shared.struct_size = sizeof shared;
    request = pay(client, LANE1, 1000, &name);
    CHECK(pthread_create(&other, 0, poll_it, 0) == 0);
    poll_it(0);
    CHECK(pthread_join(other, 0) == 0);
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    settle(request);
    close_client(client);
    return passed("race");
}
