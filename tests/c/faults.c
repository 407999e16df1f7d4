/* Every way for an answer to get lost, before and after the vendor has done the work: never two charges, never a lie. */
#include "check.h"

static pj_client *client;

static const char *const FAULTS[] = {"Drop", "Reset", "ServerError", "BadGateway", "HalfBody", "Garbage", "{\"Silence\": 1500}"};
#define COUNT (sizeof FAULTS / sizeof FAULTS[0])

/* After an answer was lost nobody tells when the terminal is free, so the next sale says that it knows. */
static pj_request *pay_anyway(const char *terminal, int64_t amount, const sale_name *name)
{
    pj_request *request;
    pj_fields *sale = sale_of(name, terminal, amount);
    OK(pj_fields_set_int(sale, "despite_unknown", 1));
    OK(pj_request_payment(client, sale, &request));
    OK(pj_fields_free(sale));
    return request;
}

static void store(pj_request *request)
{
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
}

/* The vendor has the payment and its answer is lost: it is found, once, and not sent again. */
static void submit_executed(void)
{
    size_t i;
    for (i = 0; i < COUNT; i++) {
        sale_name name = new_name();
        pj_request *request;
        pj_result r;
        sim_fail("Submit", "After", FAULTS[i], 1, 1);
        request = pay_anyway(LANE1, 2000 + (int64_t)i, &name);
        r = final_result(request, 30000);
        printf("submit executed, %s: %s after %u ms, flags %u\n", FAULTS[i], pj_state_name(r.state), r.elapsed_ms, r.flags);
        CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
        CHECK(r.flags & PJ_FLAG_RECOVERED);
        CHECK_INT(r.approved_amount, 2000 + (long long)i);
        CHECK_INT(sim_charges(&name), 1);
        CHECK_INT(sim_submits(&name), 1);
        faults_happened();
        store(request);
        /* A person sees that the terminal is free; it is told only later. */
        terminal_rests(LANE1);
    }
}

/* The vendor never did anything and nobody can know: UNKNOWN, until a person decides. */
static void submit_not_executed(void)
{
    size_t i;
    for (i = 0; i < COUNT; i++) {
        sale_name name = new_name();
        pj_request *request, *other;
        pj_fields *again;
        pj_result r;
        char clerk[32];
        sim_fail("Submit", "Before", FAULTS[i], 1, 1);
        request = pay(client, LANE2, 3000 + (int64_t)i, &name);
        r = result_from_state(request, PJ_STATE_APPROVED, 20000);
        printf("submit not executed, %s: %s %s after %u ms\n", FAULTS[i], pj_state_name(r.state), pj_status_name(r.status), r.elapsed_ms);
        CHECK_RESULT(&r, PJ_STATE_UNKNOWN, PJ_MONEY_UNKNOWN, PJ_ADVICE_RESOLVE);
        CHECK(!(r.flags & PJ_FLAG_FINAL));
        r.struct_size = sizeof r;
        OK(pj_wait(request, 0, &r));
        CHECK_INT(r.state, PJ_STATE_UNKNOWN);
        GIVES(PJ_ERR_WRONG_STATE, pj_acknowledge(request));

        /* Neither the reference nor the terminal may be used meanwhile. */
        again = BAG("amount:3000", "terminal=@lane2", "reference=of another sale", "currency=USD");
        GIVES(PJ_ERR_TERMINAL_IN_USE, pj_request_payment(client, again, &other));
        CHECK(other == request);
        OK(pj_request_free(other));
        OK(pj_fields_set_text(again, "reference", name.reference));
        OK(pj_fields_set_text(again, "invoice", name.invoice));
        OK(pj_fields_set_int(again, "amount", 3000 + (int64_t)i));
        GIVES(PJ_ERR_DUPLICATE_REFERENCE, pj_request_payment(client, again, &other));
        CHECK(other == request);
        OK(pj_request_free(other));
        OK(pj_fields_free(again));

        GIVES(PJ_ERR_INVALID_ARGUMENT, pj_resolve(request, 77, "Ann", "no such decision"));
        OK(pj_resolve(request, PJ_DECISION_KEEP_LOOKING, "Ann", "not clear yet"));
        snprintf(clerk, sizeof clerk, "clerk %d", (int)i);
        OK(pj_resolve(request, PJ_DECISION_NOT_PAID, clerk, "nothing on the screen, nothing in the record"));
        r = final_result(request, 5000);
        CHECK_INT(r.state, PJ_STATE_FAILED);
        CHECK_INT(r.money, PJ_MONEY_NOT_MOVED);
        CHECK(r.flags & PJ_FLAG_RESOLVED);
        CHECK_INT(sim_charges(&name), 0);
        CHECK_INT(sim_submits(&name), 1);
        OK(pj_acknowledge(request));
        OK(pj_request_free(request));
    }
    CHECK_INT(pending(client), 0);
}

/* What fails around a payment costs time and nothing else. */
static void harmless(int place)
{
    const char *kind = vendor()->harmless[place];
    size_t i;
    for (i = (size_t)place % 3; i < COUNT; i += 3) {
        sale_name name = new_name();
        pj_request *request;
        pj_result r;
        /* A token that is not taken any more is replaced by a new one. */
        if (strcmp(kind, "Authenticate") == 0) sim("revoke", "{}");
        sim_fail(kind, (i + (size_t)place) % 2 ? "Before" : "After", FAULTS[i], 1, 1);
        request = pay_anyway(LANE1, 4000 + (int64_t)i, &name);
        r = final_result(request, 30000);
        printf("%s, %s: %s after %u ms\n", kind, FAULTS[i], pj_state_name(r.state), r.elapsed_ms);
        CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
        CHECK_INT(sim_charges(&name), 1);
        CHECK_INT(sim_submits(&name), 1);
        result_with(request, PJ_FLAG_TERMINAL_FREE, 20000);
        faults_happened();
        settle(request);
        terminal_rests(LANE1);
    }
}

/* Paid, and the terminal's own request will never say so: the books do, at once or only when all time to pay is over.
   Until then it is UNKNOWN, and a person who has looked there decides. */
static void paid_in_the_books(int scene, const char *terminal, int soon)
{
    sale_name name = new_name();
    pj_request *request;
    pj_result r;
    CHECK(stage(scene));
    request = pay_anyway(terminal, 2500, &name);
    if (soon) {
        r = final_result(request, 30000);
    } else {
        r = result_from_state(request, PJ_STATE_APPROVED, 20000);
        CHECK_RESULT(&r, PJ_STATE_UNKNOWN, PJ_MONEY_UNKNOWN, r.advice);
        GIVES(PJ_ERR_WRONG_STATE, pj_acknowledge(request));
        OK(pj_resolve(request, PJ_DECISION_PAID, "Ann", "it is in the record of the day"));
        r = final_result(request, 5000);
        CHECK(r.flags & PJ_FLAG_RESOLVED);
    }
    printf("scene %d: %s after %u ms, flags %u\n", scene, pj_state_name(r.state), r.elapsed_ms, r.flags);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(sim_charges(&name), 1);
    CHECK_INT(sim_submits(&name), 1);
    store(request);
}

/* A terminal without power: one vendor's word for it is believed, another's only when it says so twice, ten seconds
   apart, and until then, past the deadline, it is UNKNOWN. */
static void offline(void)
{
    sale_name name = new_name();
    pj_request *request = pay(client, UNPLUGGED, 1500, &name);
    pj_result r = final_result(request, 40000);
    printf("offline: %s %s after %u ms\n", pj_state_name(r.state), pj_status_name(r.status), r.elapsed_ms);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK_INT(r.status, PJ_ERR_DEVICE_OFFLINE);
    store(request);
}

int main(void)
{
    int i;
    client = OPEN("deadline:1", "call_timeout_ms:1000", "log_file=log", "log_level=debug");
    sim("heal", "{}");
    submit_executed();
    submit_not_executed();
    for (i = 0; vendor()->harmless[i]; i++) harmless(i);
    paid_in_the_books(SCENE_PAID_UNPLUGGED, LANE1, vendor()->books_speak_soon);
    paid_in_the_books(SCENE_UNTOLD, LANE2, 1);
    offline();
    sim_touch(LANE1, "Plug");
    close_client(client);
    return passed("every fault on submits and reads");
}
