/* The file for support: it tells what happened to a payment, and no secret; bad paths and closed clients get their errors. */
#include "check.h"

static char text[4 << 20];

/* The library takes UTF-8 everywhere; fopen of Windows does not. */
static FILE *open_utf8(const char *path)
{
#ifdef _WIN32
    wchar_t wide[260];
    CHECK(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 260) > 0);
    return _wfopen(wide, L"rb");
#else
    return fopen(path, "rb");
#endif
}

static void read_file(const char *path)
{
    FILE *file = open_utf8(path);
    size_t length;
    CHECK(file != 0);
    length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    CHECK(length > 1000 && length < sizeof text - 1);
    text[length] = 0;
}

static void put_file(const char *path, const char *words)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != 0);
    CHECK(fputs(words, file) >= 0);
    CHECK_INT(fclose(file), 0);
}

static void holds_the_story(const sale_name *name)
{
    CHECK(memcmp(text, "PosJunction diagnostics", 23) == 0);
    CHECK_HAS(text, name->reference);
    CHECK_HAS(text, pj_version_text());
    CHECK_HAS(text, "amount=1600");
    CHECK_HAS(text, "till.journal");
    CHECK_HAS(text, "check: ok");
    CHECK_HAS(text, "vendor's server: http://127.0.0.1:");
    CHECK_HAS(text, LANE1);
}

static void holds_no_secret(void)
{
    char line[100];
    int secrets = 0, i;
    for (i = 0; vendor()->config[i][0]; i++) {
        if (!vendor()->config[i][2]) continue;
        CHECK_HAS_NOT(text, environment(vendor()->config[i][1]));
        snprintf(line, sizeof line, "%s = set", vendor()->config[i][0]);
        CHECK_HAS(text, line);
        secrets++;
    }
    CHECK(secrets > 1);
    CHECK_HAS_NOT(text, "canary");
    CHECK_HAS_NOT(text, "Basic ");
    CHECK_HAS_NOT(text, "4444333322221111");
    CHECK_HAS_NOT(text, "card_last4");
}

static void gives_words(pj_client *client, const char *path, const char *part)
{
    char words[512];
    GIVES(PJ_ERR_FILE, pj_diagnostics(client, path));
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "path");
    CHECK_HAS(words, part);
}

int main(void)
{
    /* "Stuetze" with an umlaut, in UTF-8. */
    static const char *const file = "St\xc3\xbctze.txt";
    sale_name name = new_name();
    pj_client *client = OPEN("log_file=log", "log_level=trace", "webhook_secret=canary-WEBHOOK");
    pj_fields *fields = BAG("terminal=@lane1", "amount:1600", "customer=canary Miller", "note=canary goods");
    pj_request *request;
    pj_result r;
    OK(pj_fields_set_text(fields, "reference", name.reference));
    OK(pj_request_payment(client, fields, &request));
    OK(pj_fields_free(fields));

    /* While it runs: it asks nobody, and holds nobody up. What is QUEUED may not have reached the engine yet. */
    result_from_state(request, PJ_STATE_SENDING, 5000);
    OK(pj_diagnostics(client, file));
    read_file(file);
    CHECK_HAS(text, name.reference);
    holds_no_secret();
    r = final_result(request, 20000);
    CHECK_INT(r.state, PJ_STATE_APPROVED);
    OK(pj_diagnostics(client, file));
    read_file(file);
    holds_the_story(&name);
    CHECK_HAS(text, "decided");
    CHECK_HAS(text, r.transaction_id);
    holds_no_secret();

    /* What is in the way stays, and says so. */
    put_file("receipts.txt", "mine");
    gives_words(client, "receipts.txt", "already");
    gives_words(client, "till.journal", "already");
    gives_words(client, "no-such-directory/file.txt", "no-such-directory");
    gives_words(client, ".", "not the path of a file");
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_diagnostics(client, ""));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_diagnostics(client, 0));
    GIVES(PJ_ERR_INVALID_TEXT, pj_diagnostics(client, "not UTF-8 \xff"));
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
    close_client(client);
    CHECK(pj_diagnostics(client, file) != PJ_OK);

    /* Nobody reaches the vendor, and that is when the file is wanted. */
    client = OPEN("base_url=http://127.0.0.1:9", "account_change:1", "send_within:1");
    OK(pj_diagnostics(client, file));
    read_file(file);
    holds_the_story(&name);
    holds_no_secret();
    close_client(client);
    return passed("the file for support tells the story and no secret");
}
