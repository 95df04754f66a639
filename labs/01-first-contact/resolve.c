/* A name becomes addresses; see resolve.h.
 *
 * getaddrinfo(3) asks /etc/hosts and the name servers of /etc/resolv.conf, in
 * the order that /etc/nsswitch.conf says, and puts what it finds in the order
 * of RFC 6724.  What it lacks is a deadline: it waits five seconds for a name
 * server, asks again, and nothing can stop it.  So a thread of its own calls
 * it, and whoever waits for that may leave earlier.  The thread then goes on
 * until getaddrinfo returns; the last to let go of the question frees it. */
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wait.h"

struct question {
    char host[NI_MAXHOST], port[8];
    int family;
    struct addresses addresses; /* the answer */
    enum failure failure;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* CLOCK_MONOTONIC */
    bool answered, abandoned;
};

/* DOC: lookup
 * Calls getaddrinfo for question->host, ->port and ->family, copies what it
 * finds into question->addresses, and frees the list.
 * Returns what became of it. */
static enum failure lookup(struct question *question)
{
    (void)question;
    return FAILURE_NOT_DONE; /* checkpoint 1: write this first */
}

/* ---- The thread that asks ------------------------------------------------ */

static struct question *question_new(const char *host, uint16_t port,
                                     int family)
{
    struct question *question = calloc(1, sizeof(*question));
    if (question == NULL)
        return NULL;
    snprintf(question->host, sizeof(question->host), "%s", host);
    snprintf(question->port, sizeof(question->port), "%u", (unsigned)port);
    question->family = family;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic); /* these cannot fail on Linux */
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&question->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&question->lock, NULL);
    return question;
}

static void question_free(struct question *question)
{
    (void)pthread_cond_destroy(&question->changed);
    (void)pthread_mutex_destroy(&question->lock);
    free(question);
}

static void *ask(void *context)
{
    struct question *question = context;
    enum failure failure = lookup(question);
    pthread_mutex_lock(&question->lock);
    question->failure = failure;
    question->answered = true;
    bool abandoned = question->abandoned;
    pthread_cond_signal(&question->changed);
    pthread_mutex_unlock(&question->lock);
    if (abandoned)
        question_free(question);
    return NULL;
}

/* Returns whether the answer came; if not, the question is the thread's. */
static bool await_answer(struct question *question, int64_t deadline_ns)
{
    struct timespec until = {.tv_sec = deadline_ns / NS_PER_S,
                             .tv_nsec = deadline_ns % NS_PER_S};
    int error = 0;
    pthread_mutex_lock(&question->lock);
    while (!question->answered && error == 0)
        error =
            pthread_cond_timedwait(&question->changed, &question->lock, &until);
    bool answered = question->answered;
    question->abandoned = !answered;
    pthread_mutex_unlock(&question->lock);
    return answered;
}

enum failure resolve(const char *host, uint16_t port, int family,
                     int64_t deadline_ns, struct addresses *addresses)
{
    pthread_t thread;
    struct question *question = question_new(host, port, family);
    if (question == NULL)
        return FAILURE_SYSTEM;
    if (pthread_create(&thread, NULL, ask, question) != 0) {
        question_free(question);
        return FAILURE_SYSTEM;
    }
    if (!await_answer(question, deadline_ns)) {
        (void)pthread_detach(thread); /* it ends by itself, with its question */
        return FAILURE_DNS_TIMEOUT;
    }
    (void)pthread_join(thread, NULL); /* it has nothing left to do */
    enum failure failure = question->failure;
    *addresses = question->addresses;
    question_free(question);
    return failure;
}

/* ---- What was found ------------------------------------------------------ */

/* DOC: interleave */
void addresses_interleave(struct addresses *addresses)
{
    (void)addresses; /* checkpoint 5: the families in turn */
}

void address_text(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    const struct sockaddr *any = (const struct sockaddr *)&address->storage;
    if (getnameinfo(any, address->bytes, text, ADDRESS_TEXT_BYTES, NULL, 0,
                    NI_NUMERICHOST) != 0)
        text[0] = '\0';
}
