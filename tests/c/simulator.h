/* A hand on the simulator, in the words that it has for every vendor: scenes, touches, faults, and what the vendor's books
   say. check.h includes this. */
#ifndef SIMULATOR_H
#define SIMULATOR_H

/* Joins the chunks of a body where it stands. */
static UNUSED_FUNCTION void join_chunks(char *body)
{
    char *to = body, *from = body;
    long length;
    while ((length = strtol(from, &from, 16)) > 0) {
        from += 2;
        memmove(to, from, (size_t)length);
        to += length;
        from += length + 2;
    }
    *to = 0;
}

/* One HTTP call to the vendor's part of it; the answer's body, to be freed. */
static UNUSED_FUNCTION char *sim_call(const char *method, const char *path, const char *json)
{
    const char *url = environment("PJ_SIMULATOR");
    const char *port = strrchr(url, ':');
    char request[4096];
    struct sockaddr_in address;
    size_t have = 0, room = 65536;
    char *answer = (char *)malloc(room + 1), *body;
    int length;
#ifdef _WIN32
    static WSADATA started;
    SOCKET s;
    if (!started.wVersion) CHECK(WSAStartup(MAKEWORD(2, 2), &started) == 0);
#else
    int s;
#endif
    CHECK(strncmp(url, "http://127.0.0.1:", 17) == 0 && answer);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(port + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    snprintf(request, sizeof request,
             "%s /_simulator/%s/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
             "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, vendor()->name, path,
             (int)strlen(json), json);
    CHECK(send(s, request, (int)strlen(request), 0) == (int)strlen(request));
    while ((length = (int)recv(s, answer + have, (int)(room - have), 0)) > 0) {
        have += (size_t)length;
        if (room - have < 1024) CHECK((answer = (char *)realloc(answer, (room *= 2) + 1)) != 0);
    }
#ifdef _WIN32
    closesocket(s);
#else
    close(s);
#endif
    answer[have] = 0;
    body = strstr(answer, "\r\n\r\n");
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || !body) {
        fprintf(stderr, "%s %s %s: %s\n", method, path, json, answer);
        CHECK(!"the simulator refused");
    }
    if (strstr(answer, "chunked") && strstr(answer, "chunked") < body) join_chunks(body + 4);
    memmove(answer, body + 4, strlen(body + 4) + 1);
    return answer;
}

/* sim("fail", "{\"kind\": \"Submit\", ...}"), and so on: see tests/simulator/README.md. */
static UNUSED_FUNCTION void sim(const char *action, const char *json) { free(sim_call("POST", action, json)); }

static UNUSED_FUNCTION void sim_touch(const char *terminal, const char *touch)
{
    char json[200];
    snprintf(json, sizeof json, "{\"terminal\": \"%s\", \"touch\": \"%s\"}", terminal, touch);
    sim("touch", json);
}

/* Stages the next payment's scene. False, with a word about it, where it cannot happen. */
static UNUSED_FUNCTION int stage(int scene)
{
    const staging *how = &vendor()->scenes[scene];
    char json[200];
    if (!how->script) {
        not_here("such scene", how->because);
        return 0;
    }
    snprintf(json, sizeof json, "{\"scenario\": %s}", how->script);
    sim("script", json);
    return 1;
}

/* fault is a word such as "Drop" or JSON such as {"Silence":5000}. */
static UNUSED_FUNCTION void sim_fail(const char *kind, const char *when, const char *fault, int nth, int times)
{
    char json[300];
    const char *quote = fault[0] == '{' ? "" : "\"";
    snprintf(json, sizeof json, "{\"kind\": \"%s\", \"when\": \"%s\", \"fault\": %s%s%s, \"nth\": %d, \"times\": %d}", kind,
             when, quote, fault, quote, nth, times);
    sim("fail", json);
}

/* How many objects of a list of the state hold all these texts, which may be NULL. Objects of lists are told apart by
   counting braces: no JSON text of the simulator holds one. */
static UNUSED_FUNCTION int sim_count(const char *list, const char *one, const char *two)
{
    char *state = sim_call("GET", "state", ""), key[64], *at, *start = 0;
    int count = 0, depth = 0, text = 0;
    snprintf(key, sizeof key, "\"%s\":[", list);
    at = strstr(state, key);
    CHECK(at != 0);
    for (at += strlen(key); *at && !(depth == 0 && *at == ']'); at++) {
        if (*at == '\\') at++;
        else if (*at == '"') text = !text;
        else if (!text && *at == '{' && depth++ == 0) start = at;
        else if (!text && *at == '}' && --depth == 0) {
            char saved = at[1];
            at[1] = 0;
            count += (!one || strstr(start, one)) && (!two || strstr(start, two));
            at[1] = saved;
        }
    }
    free(state);
    return count;
}

/* A number that the vendor's books have of this sale. */
static UNUSED_FUNCTION long long sim_sale(const sale_name *name, const char *what)
{
    char path[40], key[20], *said, *at;
    long long number;
    snprintf(path, sizeof path, "sale/%s", name->invoice);
    snprintf(key, sizeof key, "\"%s\":", what);
    said = sim_call("GET", path, "");
    at = strstr(said, key);
    CHECK(at != 0);
    number = strtoll(at + strlen(key), 0, 10);
    free(said);
    return number;
}

/* Approved charges of this sale. */
static UNUSED_FUNCTION int sim_charges(const sale_name *name) { return (int)sim_sale(name, "charges"); }

/* Payments of this sale that reached the vendor, executed or not. */
static UNUSED_FUNCTION int sim_submits(const sale_name *name) { return (int)sim_sale(name, "submits"); }

/* Cents of this sale that moved, net of voids and refunds. */
static UNUSED_FUNCTION long long sim_moved(const sale_name *name) { return sim_sale(name, "moved"); }

/* Every fault that was ordered has happened. */
static UNUSED_FUNCTION void faults_happened(void) { CHECK_INT(sim_count("faults", 0, 0), 0); }

/* Waits until a terminal shows what it shows when nobody uses it. Where its request says that it is free only once the
   vendor has been asked again, the counter is faster. */
static UNUSED_FUNCTION void terminal_rests(const char *terminal)
{
    char id[64], screen[64];
    long long end = now_ms() + patience_ms(20000);
    snprintf(id, sizeof id, "\"id\":\"%s\"", terminal);
    snprintf(screen, sizeof screen, "\"screen\":\"%s\"", vendor()->rests);
    while (!sim_count("terminals", id, screen)) {
        CHECK(now_ms() < end);
        sleep_ms(10);
    }
}

/* Calls a payment off: from the till, or at the terminal where only that can. */
static UNUSED_FUNCTION void call_off(pj_client *client, pj_request *request, const char *terminal)
{
    if (can(client, PJ_CAN_CANCEL)) {
        OK(pj_cancel(request));
        return;
    }
    GIVES(PJ_ERR_UNSUPPORTED, pj_cancel(request));
    not_here("cancel from the till", "the customer presses the red key");
    sim_touch(terminal, "Cancel");
}

/* Where the list of what the vendor forbids begins, in a copy of the state to be freed. */
static UNUSED_FUNCTION char *sim_violations(char **state)
{
    char *list, *end;
    *state = sim_call("GET", "state", "");
    list = strstr(*state, "\"violations\":[");
    CHECK(list != 0);
    end = strstr(list, "]");
    CHECK(end != 0);
    *end = 0;
    return list;
}

/* What programs before this one did; the simulator may be theirs too. */
static char *violations_before;

static UNUSED_FUNCTION void note_violations(void)
{
    char *state;
    const char *list;
    if (violations_before) return;
    list = sim_violations(&state);
    violations_before = (char *)malloc(strlen(list) + 1);
    strcpy(violations_before, list);
    free(state);
}

/* This program did nothing that the vendor forbids. */
static UNUSED_FUNCTION void sim_is_content(void)
{
    char *state;
    const char *list = sim_violations(&state);
    CHECK(violations_before != 0);
    if (strcmp(list, violations_before) != 0) {
        fprintf(stderr, "%.1500s\n", list);
        CHECK(!"the vendor's rules were broken");
    }
    free(state);
    free(violations_before);
    violations_before = 0;
}

static UNUSED_FUNCTION int passed(const char *what)
{
    sim_is_content();
    printf("passed: %s, %s\n", what, vendor()->name);
    return 0;
}

#endif
