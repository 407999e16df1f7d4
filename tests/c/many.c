/* Sixty-four threads on one client: payments, polls, finds, bags and frees at once. Every payment ends as the vendor's
   books say. */
#include "check.h"
#include <pthread.h>

#define THREADS 64
#define SALES 6

static pj_client *client;
static int stop;
static sale_name names[SALES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *noise(void *number)
{
    unsigned seed = (unsigned)(size_t)number * 2654435761u + 1;
    long rounds = 0;
    while (!seen(&stop)) {
        pj_fields *bag;
        pj_request *request;
        pj_result result;
        pj_status said;
        uint32_t count;
        char text[512];
        seed = seed * 1103515245u + 12345u;
        result.struct_size = sizeof result;
        switch (seed >> 16 & 7) {
        case 0:
            OK(pj_fields_new(&bag));
            OK(pj_fields_set_int(bag, "amount", 1));
            GIVES(PJ_ERR_MISSING_FIELD, pj_request_payment(client, bag, &request));
            OK(pj_last_error(text, sizeof text, 0));
            CHECK_HAS(text, "reference");
            OK(pj_fields_free(bag));
            break;
        case 1:
            OK(pj_pending_count(client, &count));
            said = pj_pending_at(client, seed >> 20 & 3, &request);
            CHECK(said == PJ_OK || said == PJ_ERR_NO_SUCH_REQUEST);
            if (said == PJ_OK) OK(pj_request_free(request));
            break;
        case 2:
            GIVES(PJ_ERR_INVALID_HANDLE, pj_poll((pj_request *)(size_t)(seed | 1), &result));
            break;
        default:
            said = pj_find(client, names[(seed >> 20) % SALES].reference, &request);
            CHECK(said == PJ_OK || said == PJ_ERR_NO_SUCH_REQUEST);
            if (said != PJ_OK) break;
            OK(pj_poll(request, &result));
            CHECK(result.state != 0);
            if (result.flags & PJ_FLAG_FINAL) CHECK_INT(result.state, PJ_STATE_APPROVED);
            OK(pj_get_text(request, "reference", text, sizeof text, 0));
            said = pj_wait(request, 1, &result);
            CHECK(said == PJ_OK || said == PJ_ERR_WAIT_TIMEOUT);
            OK(pj_request_free(request));
        }
        rounds++;
        if (rounds % 64 == 0 || getenv("PJ_SLOW")) sleep_ms(1);
    }
    return (void *)(size_t)rounds;
}

/* Many ask for the same payment at the same moment: one wins, all get the same handle. */
static pthread_barrier_t barrier;
static pj_request *same;
static int winners;
static sale_name shared_name;

static void *asks(void *unused)
{
    pj_request *request = 0;
    pj_status said;
    pj_fields *sale = BAG("amount:555", "terminal=@lane2");
    (void)unused;
    OK(pj_fields_set_text(sale, "reference", shared_name.reference));
    OK(pj_fields_set_text(sale, "invoice", shared_name.invoice));
    pthread_barrier_wait(&barrier);
    said = pj_request_payment(client, sale, &request);
    CHECK(said == PJ_OK || said == PJ_ERR_DUPLICATE_REFERENCE);
    pthread_mutex_lock(&lock);
    CHECK(!same || same == request);
    same = request;
    winners += said == PJ_OK;
    pthread_mutex_unlock(&lock);
    if (said != PJ_OK) OK(pj_request_free(request));
    OK(pj_fields_free(sale));
    return 0;
}

int main(void)
{
    pthread_t threads[THREADS];
    pj_request *requests[2];
    long rounds = 0;
    int i;
    void *result;
    client = OPEN("log_file=log");
    sim("heal", "{}");
    for (i = 0; i < SALES; i++) names[i] = new_name();
    shared_name = new_name();

    CHECK(pthread_barrier_init(&barrier, 0, THREADS) == 0);
    for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], 0, asks, 0) == 0);
    for (i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], 0) == 0);
    CHECK_INT(winners, 1);
    CHECK_INT(final_result(same, 20000).state, PJ_STATE_APPROVED);
    settle(same);
    CHECK_INT(sim_charges(&shared_name), 1);
    CHECK_INT(sim_submits(&shared_name), 1);

    for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], 0, noise, (void *)(size_t)i) == 0);
    for (i = 0; i < SALES; i += 2) {
        requests[0] = pay(client, LANE1, 2000 + i, &names[i]);
        requests[1] = pay(client, LANE2, 2001 + i, &names[i + 1]);
        CHECK_INT(final_result(requests[0], 30000).state, PJ_STATE_APPROVED);
        CHECK_INT(final_result(requests[1], 30000).state, PJ_STATE_APPROVED);
        settle(requests[0]);
        settle(requests[1]);
    }
    set(&stop, 1);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], &result) == 0);
        rounds += (long)(size_t)result;
    }
    for (i = 0; i < SALES; i++) CHECK_INT(sim_charges(&names[i]), 1);
    CHECK_INT(pending(client), 0);
    printf("%d threads, %ld rounds\n", THREADS, rounds);
    close_client(client);
    return passed("many at once");
}
