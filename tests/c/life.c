/* References, journals and closing: one reference is one charge, one journal one client, and what was running when the
   client was closed is told by the next one. */
#include "check.h"

static pj_client *client;

static void references(void)
{
    sale_name name = new_name(), other = new_name();
    pj_fields *sale = sale_of(&name, LANE1, 700);
    pj_request *first, *again = 0;
    OK(pj_request_payment(client, sale, &first));
    /* While it runs, the same thing asked again is the same request. */
    GIVES(PJ_ERR_DUPLICATE_REFERENCE, pj_request_payment(client, sale, &again));
    CHECK(again == first);
    OK(pj_request_free(again));
    /* Another amount under the same reference is a mistake. */
    OK(pj_fields_set_int(sale, "amount", 701));
    GIVES(PJ_ERR_REFERENCE_CONFLICT, pj_request_payment(client, sale, &again));
    CHECK(again == first);
    OK(pj_request_free(again));
    /* The terminal carries one request. */
    OK(pj_fields_set_text(sale, "reference", other.reference));
    GIVES(PJ_ERR_TERMINAL_IN_USE, pj_request_payment(client, sale, &again));
    CHECK(again == first);
    OK(pj_request_free(again));
    GIVES(PJ_ERR_NO_SUCH_REQUEST, pj_find(client, other.reference, &again));
    final_result(first, 15000);
    /* Paid, acknowledged and freed, the reference stays charged. */
    settle(first);
    OK(pj_fields_set_text(sale, "reference", name.reference));
    OK(pj_fields_set_int(sale, "amount", 700));
    GIVES(PJ_ERR_DUPLICATE_REFERENCE, pj_request_payment(client, sale, &again));
    CHECK_INT(final_result(again, 5000).state, PJ_STATE_APPROVED);
    OK(pj_request_free(again));
    OK(pj_fields_free(sale));
    CHECK_INT(sim_charges(&name), 1);
    CHECK_INT(sim_submits(&name), 1);
}

static void one_journal_one_client(void)
{
    pj_client *second = 0;
    pj_fields *config = CONFIG("terminal=@lane1");
    char words[512];
    GIVES(PJ_ERR_JOURNAL_LOCKED, open_client(config, &second));
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "pj_client_open");
    CHECK(second == 0);
    /* Another journal is another client, at the same time. */
    OK(pj_fields_set_text(config, "journal", "second.journal"));
    OK(open_client(config, &second));
    OK(pj_fields_free(config));
    close_client(second);
}

/* Closed in the middle, twice; opened again, it is told, also what had ended and was not acknowledged. */
static void closed_while_running(void)
{
    sale_name running = new_name(), ended = new_name(), done = new_name();
    pj_request *a, *b, *c;
    pj_result r;
    a = pay(client, LANE1, 800, &done);
    final_result(a, 15000);
    settle(a);
    a = pay(client, LANE1, 801, &ended);
    final_result(a, 15000);
    result_with(a, PJ_FLAG_TERMINAL_FREE, 10000);
    stage(SCENE_SLOW_CARD);
    b = pay(client, LANE1, 802, &running);
    result_from_state(b, PJ_STATE_ACCEPTED, 10000);
    close_client(client);
    r.struct_size = sizeof r;
    GIVES(PJ_ERR_CLOSED, pj_poll(b, &r));
    GIVES(PJ_ERR_CLOSED, pj_wait(b, -1, &r));
    GIVES(PJ_ERR_CLOSED, pj_cancel(b));
    OK(pj_request_free(b));
    OK(pj_request_free(a));
    GIVES(PJ_ERR_INVALID_HANDLE, pj_poll(b, &r));

    client = OPEN("terminal=@lane1");
    CHECK_INT(pending(client), 2);
    OK(pj_pending_at(client, 0, &a));
    OK(pj_pending_at(client, 1, &b));
    r = poll_result(a);
    CHECK_TEXT(r.reference, ended.reference);
    CHECK_INT(r.state, PJ_STATE_APPROVED);
    CHECK_INT(r.approved_amount, 801);
    r = poll_result(b);
    CHECK_TEXT(r.reference, running.reference);
    /* The terminal is still taken. */
    {
        sale_name other = new_name();
        pj_fields *sale = sale_of(&other, LANE1, 100);
        GIVES(PJ_ERR_TERMINAL_IN_USE, pj_request_payment(client, sale, &c));
        CHECK(c == b);
        OK(pj_request_free(c));
        OK(pj_fields_free(sale));
    }
    r = final_result(b, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.approved_amount, 802);
    OK(pj_acknowledge(a));
    OK(pj_request_free(a));
    settle(b);
    CHECK_INT(sim_charges(&running), 1);
    CHECK_INT(sim_submits(&running), 1);
    close_client(client);

    /* What was acknowledged is not told a third time, and can be found. */
    client = OPEN("terminal=@lane1");
    CHECK_INT(pending(client), 0);
    OK(pj_find(client, running.reference, &b));
    r = final_result(b, 5000);
    CHECK_INT(r.approved_amount, 802);
    OK(pj_request_free(b));
}

/* A close that may not wait does not: WAIT_TIMEOUT is only for a callback that has not returned. */
static void closed_at_once(void)
{
    sale_name name = new_name();
    pj_request *request = pay(client, LANE1, 803, &name);
    long long begin = now_ms();
    close_client(client);
    CHECK(now_ms() - begin < patience_ms(2000));
    OK(pj_request_free(request));
    client = OPEN("terminal=@lane1");
    /* It may have left or not; either is told, and a payment that did not leave never does. */
    OK(pj_find(client, name.reference, &request));
    {
        pj_result r = final_result(request, 30000);
        CHECK_INT(r.state == PJ_STATE_APPROVED, sim_charges(&name));
        printf("closed at once: %s %s\n", pj_state_name(r.state), pj_status_name(r.status));
        OK(pj_acknowledge(request));
        OK(pj_request_free(request));
    }
}

/* The journal of one account is not taken by another. */
static void another_account(void)
{
    pj_client *other = 0;
    pj_fields *config;
    close_client(client);
    config = CONFIG("terminal=@lane1");
    OK(pj_fields_set_text(config, vendor()->config[0][0], "another-login"));
    GIVES(PJ_ERR_CONFIG, pj_client_open(config, &other));
    OK(pj_fields_free(config));
    client = OPEN("terminal=@lane1");
}

/* A journal that cannot be written, and one that is none. */
static void bad_journals(void)
{
    FILE *file;
    pj_client *other = 0;
    pj_fields *config = CONFIG("journal=no/such/directory/till.journal");
    pj_status said = open_client(config, &other);
    CHECK(said == PJ_ERR_JOURNAL || said == PJ_OK);
    if (said == PJ_OK) close_client(other);
    file = fopen("garbage.journal", "wb");
    CHECK(file && fputs("this is no journal, but a letter to nobody; and it is long enough to be looked at closely", file) >= 0);
    fclose(file);
    OK(pj_fields_set_text(config, "journal", "garbage.journal"));
    GIVES(PJ_ERR_JOURNAL, pj_client_open(config, &other));
    OK(pj_fields_free(config));
}

int main(void)
{
    client = OPEN("terminal=@lane1");
    sim("heal", "{}");
    references();
    one_journal_one_client();
    closed_while_running();
    closed_at_once();
    another_account();
    bad_journals();
    close_client(client);
    return passed("references, journals, close and open");
}
