/* A day at the vendor against the journal, through the header alone: a clean one, one with another till's payment, and
   what is refused. */
#include "check.h"

static pj_client *client;

static pj_request *reconcile(const char *from, const char *until)
{
    pj_request *request;
    pj_fields *span = BAG("reference=day");
    OK(pj_fields_set_text(span, "from", from));
    OK(pj_fields_set_text(span, "until", until));
    OK(pj_reconcile(client, span, &request));
    OK(pj_fields_free(span));
    return request;
}

static int64_t int_of(pj_request *request, const char *key)
{
    int64_t value = -1;
    OK(pj_get_int(request, key, &value));
    return value;
}

static const char *text_of(pj_request *request, const char *key)
{
    static char text[400];
    OK(pj_get_text(request, key, text, sizeof text, 0));
    return text;
}

static void sell(int64_t amount, const sale_name *name)
{
    pj_request *request = pay(client, LANE1, amount, name);
    pj_result r = final_result(request, 20000);
    CHECK_INT(r.state, PJ_STATE_APPROVED);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
}

static void refused(const char *from, const char *until, pj_status status)
{
    pj_request *request = 0;
    pj_fields *span = BAG("reference=day");
    OK(pj_fields_set_text(span, "from", from));
    OK(pj_fields_set_text(span, "until", until));
    GIVES(status, pj_reconcile(client, span, &request));
    CHECK(request == 0);
    OK(pj_fields_free(span));
}

int main(void)
{
    sale_name first = new_name(), second = new_name();
    int32_t yes = 0;
    pj_request *request;
    pj_result r;
    char key[64];
    int i;

    /* Another till of the same account. */
    client = OPEN("journal=other.journal");
    sell(1500, &first);
    close_client(client);

    client = OPEN("journal=till.journal");
    OK(pj_capable(client, PJ_CAN_RECONCILE, &yes));
    CHECK_INT(yes, 1);
    sell(1600, &second);
    request = reconcile("2020-01-01T00:00:00Z", "2020-01-31T23:59:59Z");
    r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_COMPLETED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(int_of(request, "differences.count"), 0);
    GIVES(PJ_ERR_NO_VALUE, pj_get_text(request, "differences.0.kind", key, sizeof key, 0));
    OK(pj_request_free(request));

    /* The simulator's own day: both payments are in it, and one of them is ours. */
    {
        time_t now = time(0);
        char from[32], until[32];
        time_t early = now - 5 * 86400, late = now + 5 * 86400;
        strftime(from, sizeof from, "%Y-%m-%dT%H:%M:%SZ", gmtime(&early));
        strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", gmtime(&late));
        request = reconcile(from, until);
    }
    r = final_result(request, 20000);
    printf("%s\n", r.message);
    CHECK_RESULT(&r, PJ_STATE_COMPLETED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RESOLVE);
    CHECK_INT(r.status, PJ_OK);
    CHECK_INT(int_of(request, "differences.count"), 1);
    CHECK_INT(int_of(request, "differences.charged_unknown"), 1);
    CHECK_INT(int_of(request, "matched.count"), 1);
    CHECK_INT(int_of(request, "transactions.amount"), 3100);
    CHECK_INT(int_of(request, "payments.amount"), 1600);
    CHECK_TEXT(text_of(request, "differences.0.kind"), "charged_unknown");
    CHECK_INT(int_of(request, "differences.0.vendor_amount"), 1500);
    CHECK_INT(int_of(request, "differences.0.other_till"), 1);
    CHECK_HAS(r.message, "1 difference: 1 charged and unknown here. 1 agrees.");
    for (i = 0; i < 2; i++) {
        static const char *const keys[] = {"differences.0.transaction_id", "differences.0.time"};
        CHECK(text_of(request, keys[i])[0] != 0);
    }
    OK(pj_request_free(request));

    refused("2026-01-31T00:00:00Z", "2026-01-30T00:00:00Z", PJ_ERR_INVALID_FIELD);
    refused("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", PJ_ERR_INVALID_FIELD);
    refused("2026-01-01", "2026-03-01T00:00:00Z", PJ_ERR_INVALID_FIELD);
    GIVES(PJ_ERR_MISSING_FIELD, pj_reconcile(client, 0, &request));
    close_client(client);
    return passed("a day at the vendor is compared with the journal");
}
