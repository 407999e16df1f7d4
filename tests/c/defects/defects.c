/* A defect of the library's own, at four places: a panic becomes PJ_ERR_INTERNAL, ends neither the program nor a payment,
   and nobody waits for ever. Runs with `lang-run --variant defects`, a library that panics when a file tells it to. */
#include "../check.h"
#include <pthread.h>

static void order(const char *place)
{
    char path[100];
    FILE *file;
    snprintf(path, sizeof path, "posjunction-defect-%s", place);
    CHECK((file = fopen(path, "wb")) != 0);
    fclose(file);
}

/* The defect came to pass: the library has taken the file away. */
static void happened(const char *place)
{
    char path[100];
    FILE *file;
    snprintf(path, sizeof path, "posjunction-defect-%s", place);
    file = fopen(path, "rb");
    CHECK(file == 0);
}

static void look_at_words(void)
{
    char words[512];
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "src/os/defect.rs:");
    CHECK_HAS_NOT(words, "a test asked for it");
}

/* Every function has the barrier. The next call works as if nothing had been. */
static void at_the_border(void)
{
    pj_client *client = OPEN("journal=border.journal");
    pj_request *request;
    pj_fields *bag;
    uint32_t count = 77;
    sale_name name = new_name();
    order("border");
    GIVES(PJ_ERR_INTERNAL, pj_fields_new(&bag));
    happened("border");
    look_at_words();
    order("border");
    GIVES(PJ_ERR_INTERNAL, pj_pending_count(client, &count));
    CHECK_INT(count, 77);
    bag = BAG("amount:1000");
    OK(pj_fields_set_text(bag, "reference", name.reference));
    OK(pj_fields_set_text(bag, "invoice", name.invoice));
    order("border");
    GIVES(PJ_ERR_INTERNAL, pj_request_payment(client, bag, &request));
    OK(pj_request_payment(client, bag, &request));
    OK(pj_fields_free(bag));
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    order("border");
    GIVES(PJ_ERR_INTERNAL, pj_acknowledge(request));
    settle(request);
    order("border");
    GIVES(PJ_ERR_INTERNAL, pj_client_close(client, 5000));
    close_client(client);
    CHECK_INT(sim_charges(&name), 1);
    /* A function that returns no status gives what it would give for nonsense. */
    order("border");
    CHECK(pj_status_name(PJ_OK) != 0);
}

/* A call of the transport breaks: the sale was not sent, or its answer is lost; either way it has an end. */
static void in_the_transport(void)
{
    pj_client *client = OPEN("journal=transport.journal");
    sale_name name = new_name();
    pj_request *request;
    pj_result r;
    order("transport");
    request = pay(client, LANE1, 1001, &name);
    r = final_result(request, 60000);
    happened("transport");
    if (strcmp(vendor()->harmless[0], "Authenticate") == 0) {
        /* It was the call for a token, which is made again. */
        CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
        CHECK_INT(sim_submits(&name), 1);
        settle(request);
    } else {
        /* Nothing had left. */
        CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, r.advice);
        CHECK_INT(r.status, PJ_ERR_INTERNAL);
        CHECK_INT(sim_submits(&name), 0);
        OK(pj_acknowledge(request));
        OK(pj_request_free(request));
    }
    /* The next one finds the transport whole. */
    name = new_name();
    request = pay(client, LANE1, 1002, &name);
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    settle(request);
    close_client(client);
}

/* The journal breaks before the intent is on disk: nothing is sent. */
static void in_the_journal(void)
{
    pj_client *client = OPEN("journal=journal.journal");
    sale_name name = new_name();
    pj_request *request;
    pj_result r;
    order("journal");
    request = pay(client, LANE1, 1003, &name);
    r = final_result(request, 20000);
    happened("journal");
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, r.advice);
    OK(pj_request_free(request));
    CHECK_INT(sim_submits(&name), 0);
    name = new_name();
    request = pay(client, LANE1, 1004, &name);
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    settle(request);
    close_client(client);
}

static pj_client *shared;
static pj_request *waited_for;
static volatile int waiting;

static void *wait_for_it(void *unused)
{
    pj_result r;
    r.struct_size = sizeof r;
    waiting++;
    GIVES(PJ_ERR_CLOSED, pj_wait(waited_for, -1, &r));
    return unused;
}

static void *dispatch_it(void *unused)
{
    pj_status said;
    waiting++;
    do said = pj_dispatch(shared, -1, 0);
    while (said == PJ_OK);
    CHECK_INT(said, PJ_ERR_CLOSED);
    return unused;
}

static void PJ_CALL hear(const pj_event *event, void *user)
{
    (void)event;
    (void)user;
}

/* The engine's thread breaks while a card is awaited and others wait for the result. */
static void in_the_engine(void)
{
    sale_name name = new_name(), other = new_name();
    pthread_t waiter, dispatcher;
    pj_request *request;
    pj_fields *bag;
    pj_result r;
    pj_status said;
    int tries;
    shared = OPEN("journal=engine.journal");
    OK(pj_on_event(shared, hear, 0, PJ_DELIVER_ON_DISPATCH));
    stage(SCENE_SLOW_CARD);
    waited_for = pay(shared, LANE1, 1005, &name);
    result_from_state(waited_for, PJ_STATE_ACCEPTED, 10000);
    CHECK(pthread_create(&waiter, 0, wait_for_it, 0) == 0);
    CHECK(pthread_create(&dispatcher, 0, dispatch_it, 0) == 0);
    while (waiting < 2) sleep_ms(1);
    order("engine");
    CHECK(pthread_join(waiter, 0) == 0);
    CHECK(pthread_join(dispatcher, 0) == 0);
    happened("engine");

    /* Whatever is asked of it now is answered, at once. */
    r.struct_size = sizeof r;
    GIVES(PJ_ERR_CLOSED, pj_poll(waited_for, &r));
    GIVES(PJ_ERR_CLOSED, pj_wait(waited_for, -1, &r));
    bag = BAG("amount:1006", "terminal=@lane2");
    OK(pj_fields_set_text(bag, "reference", other.reference));
    OK(pj_fields_set_text(bag, "invoice", other.invoice));
    said = pj_request_payment(shared, bag, &request);
    CHECK(said == PJ_ERR_CLOSED || said == PJ_ERR_INTERNAL);
    OK(pj_fields_free(bag));
    OK(pj_request_free(waited_for));
    close_client(shared);

    /* The next opening goes on where the facts end. The engine's threads let go of the journal while it unwound. */
    for (tries = 0;; tries++) {
        pj_fields *config = CONFIG("journal=engine.journal");
        said = open_client(config, &shared);
        OK(pj_fields_free(config));
        if (said == PJ_OK) break;
        CHECK_INT(said, PJ_ERR_JOURNAL_LOCKED);
        CHECK(tries < 100);
        sleep_ms(50);
    }
    CHECK_INT(pending(shared), 1);
    OK(pj_pending_at(shared, 0, &request));
    CHECK_INT(final_result(request, 30000).state, PJ_STATE_APPROVED);
    settle(request);
    close_client(shared);
    CHECK_INT(sim_charges(&name), 1);
    CHECK_INT(sim_submits(&name), 1);
    CHECK_INT(sim_submits(&other), 0);
}

int main(void)
{
    at_the_border();
    in_the_transport();
    in_the_journal();
    in_the_engine();
    return passed("defects");
}
