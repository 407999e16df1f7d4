/* What the C tests know of each vendor: how a till is configured for it, what its terminals are called in the simulator,
   how a scene is staged there, and where vendors differ by nature. PJ_TEST_VENDOR chooses; without it, PayJunction.
   The scenarios themselves speak of scenes and outcomes only. To add a vendor, add a row. check.h includes this. */
#ifndef VENDORS_H
#define VENDORS_H

/* What happens at a terminal, whoever's it is. */
enum scene {
    SCENE_APPROVE,
    SCENE_DECLINE,
    SCENE_SECOND_CARD,    /* the first card is declined, the next one approved */
    SCENE_RED_KEY,        /* the customer cancels there */
    SCENE_NOBODY,         /* no card comes, and the terminal gives up */
    SCENE_BUSY,           /* the request is refused: the terminal is in use */
    SCENE_STRANGE_WORD,   /* a status word that no document knows, then approved */
    SCENE_HELD,           /* authorized by the bank, declined by the gateway */
    SCENE_GATEWAY_ERROR,  /* the card is in, and the gateway fails */
    SCENE_TIP,            /* 40.00 on top */
    SCENE_PARTIAL,        /* the bank approves 100.00 only */
    SCENE_SLOW_CARD,      /* the card comes 2250 ms after the request, at --speed 20 */
    SCENE_BY_HAND,        /* waits for sim_touch */
    SCENE_UNPLUGGED,      /* the plug is pulled before a card comes */
    SCENE_PAID_UNPLUGGED, /* the plug is pulled while the money moves */
    SCENE_UNTOLD,         /* approved, and the terminal's request never says by what */
    SCENE_RESERVED,       /* the card is only authorized, though nobody asked for that */
    SCENES
};

/* The simulator's word for a scene, or why it cannot happen there. */
typedef struct {
    const char *script, *because;
} staging;

typedef struct {
    /* As the configuration and PJ_TEST_VENDOR spell it. */
    const char *name;
    /* Keys of the configuration, the variables of the environment that hold their values, and which are secrets. */
    const char *config[5][3];
    const char *lane1, *lane2, *unplugged, *occupied, *touched, *unknown;
    /* What the screen of one that nobody uses shows, and the occupied one's. */
    const char *rests, *in_use;
    staging scenes[SCENES];
    /* Whether the bank's code of an approval is told. */
    int tells_authorization;
    /* How a payment ends for which nobody comes. */
    int32_t nobody_state, nobody_status;
    /* The terminal's request never ends, and what it led to is in the books: found within seconds, or only after the
       time in which it may still be paid, which is minutes. Until then it is UNKNOWN. */
    int books_speak_soon;
    /* Calls around a payment that may fail without any harm. */
    const char *harmless[6];
    /* The header of a webhook's signature, and the lines that sign BODY of webhook.c with SECRET. */
    const char *signature, *signed_lines;
    /* The calls by which it is canceled from the till. */
    const char *cancel_call;
    /* How many terminals the simulator's list has. */
    int terminals;
    /* A refund at the terminal gives back a payment that it names. */
    int refund_names_payment;
    /* What a receipt by mail wants besides the customer's address. */
    const char *mail_wants;
    /* Fields of a bag that asks for a receipt, and what that shows. */
    const char *receipts[5][4];
} vendor_facts;

#define UNPUBLISHED "nothing is published about it"

static const vendor_facts VENDORS[] = {
    {"payjunction",
     {{"login", "PJ_SIM_LOGIN", "secret"},
      {"application_key", "PJ_SIM_APPLICATION_KEY", "secret"},
      {"merchant_terminal", "PJ_SIM_MERCHANT_TERMINAL", 0},
      {"password", "PJ_SIM_PASSWORD", "secret"},
      {0, 0, 0}},
     "11111111-1111-4111-8111-111111111111",
     "22222222-2222-4222-8222-222222222222",
     "33333333-3333-4333-8333-333333333333",
     "44444444-4444-4444-8444-444444444444",
     "55555555-5555-4555-8555-555555555555",
     "99999999-9999-4999-8999-999999999999",
     "Smart Terminal by PayJunction",
     "In use",
     {{"\"Approve\"", 0},
      {"{\"Decline\": 51}", 0},
      {"\"DeclineThenApprove\"", 0},
      {"\"CustomerCancel\"", 0},
      {"\"DeviceTimeout\"", 0},
      {"\"Busy\"", 0},
      {"\"UnknownStatus\"", 0},
      {"\"AvsDecline\"", 0},
      {0, "the gateway's failures are declines"},
      {"{\"Tip\": 4000}", 0},
      {0, "parts are not approved on request"},
      {"\"SlowCard\"", 0},
      {"\"Touch\"", 0},
      {"\"UnplugBeforeCard\"", 0},
      {"\"UnplugAfterCard\"", 0},
      {"\"HiddenApproval\"", 0},
      {0, "the till decides that"}},
     1,
     PJ_STATE_CANCELED,
     PJ_ERR_CANCELED,
     1,
     {"Poll", "GetTransaction", 0},
     "X-Pj-Signature",
     "X-Pj-Signature: 07071c7e1034d2bb85e91f8fdfa1836275fa086a0d0a72facc05086facfab694",
     "Main",
     5,
     0,
     "reply_to=store@example.com",
     {{"format=thermal", "unsigned:0", "class=\"narrow\"", "<p>Signed</p>"},
      {"format=thermal", "unsigned:1", "class=\"narrow\"", "____"},
      {"format=fullpage", "unsigned:0", "class=\"page\"", "<p>Signed</p>"},
      {"format=fullpage", "unsigned:1", "class=\"page\"", "____"},
      {0, 0, 0, 0}}},
    {"ebizcharge",
     {{"api_key", "PJ_SIM_API_KEY", "secret"},
      /* The one with the larger budget: these tests make more calls than a till. */
      {"endpoint_key", "PJ_SIM_ENDPOINT_KEY", 0},
      {"pin", "PJ_SIM_PIN", "secret"},
      {0, 0, 0}},
     "sa_11111111111111111111111111111",
     "sa_22222222222222222222222222222",
     "sa_33333333333333333333333333333",
     "sa_44444444444444444444444444444",
     "sa_55555555555555555555555555555",
     "sa_99999999999999999999999999999",
     "Welcome",
     "In use",
     {{"\"Approve\"", 0},
      {"{\"Decline\": 10251}", 0},
      {"\"DeclineThenApprove\"", 0},
      {"\"CustomerCancel\"", 0},
      {"\"Timeout\"", 0},
      {"\"Busy\"", 0},
      {"\"UnknownStatus\"", 0},
      {0, UNPUBLISHED},
      {"{\"GatewayError\": 9001}", 0},
      {"{\"Tip\": 4000}", 0},
      {"{\"Partial\": 10000}", 0},
      {"\"SlowCard\"", 0},
      {"\"Touch\"", 0},
      {"\"UnplugBeforeCard\"", 0},
      {"\"UnplugAfterCard\"", 0},
      {"\"HiddenApproval\"", 0},
      {0, "the till decides that"}},
     1,
     PJ_STATE_TIMED_OUT,
     PJ_ERR_REQUEST_TIMED_OUT,
     0,
     {"Poll", 0},
     "X-Signature",
     "X-Signature: 07071c7e1034d2bb85e91f8fdfa1836275fa086a0d0a72facc05086facfab694",
     "Cancel",
     6,
     0,
     0,
     {{"template=vterm", 0, "Approved", "17.00"}, {0, 0, 0, 0}}},
    {"justifi",
     {{"client_id", "PJ_SIM_CLIENT_ID", "secret"},
      {"sub_account", "PJ_SIM_SUB_ACCOUNT", 0},
      {"client_secret", "PJ_SIM_CLIENT_SECRET", "secret"},
      {0, 0, 0}},
     "trm_1111111111111111111111",
     "trm_2222222222222222222222",
     "trm_3333333333333333333333",
     "trm_4444444444444444444444",
     "trm_5555555555555555555555",
     "trm_9999999999999999999999",
     "Welcome",
     "Please wait",
     {{"\"Approve\"", 0},
      {"{\"Decline\": 116}", 0},
      {"\"DeclineThenApprove\"", 0},
      {"\"CustomerCancel\"", 0},
      {"\"Timeout\"", 0},
      {0, "its status is read before a payment is sent"},
      {"\"UnknownStatus\"", 0},
      {0, UNPUBLISHED},
      {0, "the gateway's failures are declines"},
      {0, UNPUBLISHED},
      {0, UNPUBLISHED},
      {"\"SlowCard\"", 0},
      {"\"Touch\"", 0},
      {"\"UnplugBeforeCard\"", 0},
      {"\"UnplugAfterCard\"", 0},
      {"\"HiddenApproval\"", 0},
      {"\"AuthorizeOnly\"", 0}},
     0,
     PJ_STATE_CANCELED,
     PJ_ERR_CANCELED,
     0,
     {"Authenticate", "Prepare", "GetTerminal", "Poll", "GetTransaction", 0},
     "JUSTIFI-SIGNATURE",
     "JUSTIFI-TIMESTAMP: 1519158601\r\n"
     "JUSTIFI-SIGNATURE: 7e814f24e88cf70338b34c8c17a3b41c7b0c1ee4495a3e5dda2699aa4be29351",
     0,
     6,
     1,
     0,
     {{0, 0, 0, 0}}},
};

#endif
