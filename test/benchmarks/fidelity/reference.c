/*
 * The job of one trial in plain C: a sender and a receiver in two processes with blocking sockets, and nothing else. What the
 * harness takes longer than this is the harness's own.
 *
 *   reference SENDER_CPU RECEIVER_CPU          (-1: the system chooses)
 *
 * Reads lines `tcp|udp SIZE CHUNK BATCH RCVBUF` and answers each with `DELIVERY_MS BYTES_DELIVERED`. BATCH 1 is one system call a
 * write or datagram (send, recv), more is that many a call (sendmmsg, recvmmsg). RCVBUF is asked for by a UDP receiver, over
 * net.core.rmem_max too where that is allowed; 0 leaves the system's own. The clock starts at connect (tcp) or at the first datagram
 * (udp), with sockets made and options set, and stops when the receiver holds the last byte of the payload.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LARGEST_BATCH 64
#define LARGEST_DATAGRAM 65536
#define STREAM_READ (256 * 1024)
/* Nothing for so long ends a datagram transfer whose end marker was lost. */
#define QUIET_US 50000
#define LONGEST_WAITS 100
/* The receiver waits in its system call by then. */
#define SETTLE_US 2000

struct job {
  int tcp;
  long size, chunk, batch, rcvbuf;
};
struct result {
  double last_at;
  long bytes;
};

static void fail(const char *call) {
  perror(call);
  exit(1);
}

static int checked(int result, const char *call) {
  if (result < 0) fail(call);
  return result;
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void pin(int cpu) {
  cpu_set_t set;
  if (cpu < 0) return;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  checked(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

/* Laid out once; each message has memory of its own on the receiving side. */
static struct mmsghdr messages[LARGEST_BATCH];
static struct iovec vectors[LARGEST_BATCH];

static void lay_out(char *memory, long each) {
  for (int i = 0; i < LARGEST_BATCH; i++) {
    vectors[i] = (struct iovec){memory + i * each, each};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
}

static void send_all(int fd, char *bytes, long length) {
  while (length > 0) {
    long sent = checked(send(fd, bytes, length, MSG_NOSIGNAL), "send");
    bytes += sent;
    length -= sent;
  }
}

/* The payload in chunks: one system call each, or a batch of them. */
static void send_payload(int fd, const struct job *job, char *payload) {
  for (long at = 0; at < job->size;) {
    if (job->batch == 1) {
      long length = job->size - at < job->chunk ? job->size - at : job->chunk;
      send_all(fd, payload + at, length);
      at += length;
      continue;
    }
    int count = 0;
    for (long next = at; next < job->size && count < job->batch; count++) {
      long length = job->size - next < job->chunk ? job->size - next : job->chunk;
      vectors[count] = (struct iovec){payload + next, length};
      next += length;
    }
    int sent = checked(sendmmsg(fd, messages, count, MSG_NOSIGNAL), "sendmmsg");
    for (int i = 0; i < sent; i++) {
      long left = vectors[i].iov_len - messages[i].msg_len;
      at += messages[i].msg_len;
      if (left > 0) {
        send_all(fd, payload + at, left);
        at += left;
      }
    }
  }
}

static void send_tcp(int fd, const struct job *job, const struct sockaddr_in *to, char *payload) {
  char text[64];
  int length = sprintf(text, "SIZE %ld\n", job->size);
  checked(connect(fd, (const struct sockaddr *)to, sizeof *to), "connect");
  send_all(fd, text, length);
  checked(recv(fd, text, sizeof text, 0), "recv");
  send_payload(fd, job, payload);
  checked(recv(fd, text, sizeof text, 0), "recv");
  send_all(fd, "BYE BYE ", 8);
}

static void send_udp(int fd, const struct job *job, char *payload) {
  send_all(fd, "bin", 3);
  send_payload(fd, job, payload);
  send_all(fd, "end", 3);
}

static struct result receive_tcp(int listener, const struct job *job, char *memory) {
  struct result result = {0, 0};
  char text[64];
  int fd = checked(accept(listener, 0, 0), "accept");
  checked(recv(fd, text, sizeof text, 0), "recv");
  send_all(fd, "GOT SIZE", 8);
  while (result.bytes < job->size) {
    long count = recv(fd, memory, STREAM_READ, 0);
    if (count <= 0) break;
    result.bytes += count;
    result.last_at = now_ms();
  }
  send_all(fd, "GOT IMAGE", 9);
  recv(fd, text, sizeof text, 0);
  close(fd);
  return result;
}

/* A time-out before anything has come only says that the sender takes its time. */
static int is_over(int waits) {
  return errno != EAGAIN || waits > LONGEST_WAITS;
}

static struct result receive_udp(int fd, const struct job *job, char *memory) {
  struct result result = {0, 0};
  int waits = 0, begun = 0;
  for (;;) {
    int count = 1;
    if (job->batch == 1) {
      long length = recv(fd, memory, LARGEST_DATAGRAM, 0);
      if (length < 0) {
        if (begun || is_over(++waits)) return result;
        continue;
      }
      messages[0].msg_len = length;
    } else {
      count = recvmmsg(fd, messages, job->batch, MSG_WAITFORONE, 0);
      if (count < 0) {
        if (begun || is_over(++waits)) return result;
        continue;
      }
    }
    double at = now_ms();
    begun = 1;
    for (int i = 0; i < count; i++) {
      char *bytes = memory + (long)i * LARGEST_DATAGRAM;
      if (messages[i].msg_len == 3 && memcmp(bytes, "end", 3) == 0) return result;
      if (messages[i].msg_len == 3 && memcmp(bytes, "bin", 3) == 0) continue;
      result.bytes += messages[i].msg_len;
      result.last_at = at;
    }
  }
}

static void receiver(int channel) {
  char *memory = malloc((long)LARGEST_BATCH * LARGEST_DATAGRAM);
  memset(memory, 1, (long)LARGEST_BATCH * LARGEST_DATAGRAM);
  lay_out(memory, LARGEST_DATAGRAM);
  struct job job;
  while (read(channel, &job, sizeof job) == sizeof job) {
    int fd = checked(socket(AF_INET, job.tcp ? SOCK_STREAM : SOCK_DGRAM, 0), "socket");
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    if (!job.tcp) {
      struct timeval quiet = {0, QUIET_US};
      int bytes = job.rcvbuf;
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &quiet, sizeof quiet);
      if (bytes > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
      }
    }
    checked(bind(fd, (struct sockaddr *)&at, length), "bind");
    checked(getsockname(fd, (struct sockaddr *)&at, &length), "getsockname");
    if (job.tcp) checked(listen(fd, 5), "listen");
    checked(write(channel, &at, sizeof at), "write");
    struct result result = job.tcp ? receive_tcp(fd, &job, memory) : receive_udp(fd, &job, memory);
    close(fd);
    checked(write(channel, &result, sizeof result), "write");
  }
  exit(0);
}

static void sender(int channel) {
  char line[128], kind[8];
  char *payload = 0;
  long payload_size = -1;
  lay_out(0, 0);
  while (fgets(line, sizeof line, stdin)) {
    struct job job;
    if (sscanf(line, "%7s %ld %ld %ld %ld", kind, &job.size, &job.chunk, &job.batch, &job.rcvbuf) != 5) exit(2);
    if (job.chunk < 1 || job.batch < 1 || job.batch > LARGEST_BATCH) exit(2);
    job.tcp = strcmp(kind, "tcp") == 0;
    if (job.size != payload_size) {
      payload = realloc(payload, job.size + 1);
      memset(payload, 7, job.size + 1);
      payload_size = job.size;
    }
    checked(write(channel, &job, sizeof job), "write");
    struct sockaddr_in to;
    if (read(channel, &to, sizeof to) != sizeof to) exit(1);
    int fd = checked(socket(AF_INET, job.tcp ? SOCK_STREAM : SOCK_DGRAM, 0), "socket");
    int one = 1;
    if (job.tcp) checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt");
    else checked(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
    usleep(SETTLE_US);
    double started_at = now_ms();
    if (job.tcp) send_tcp(fd, &job, &to, payload);
    else send_udp(fd, &job, payload);
    close(fd);
    struct result result;
    if (read(channel, &result, sizeof result) != sizeof result) exit(1);
    printf("%.6f %ld\n", result.bytes > 0 ? result.last_at - started_at : 0, result.bytes);
    fflush(stdout);
  }
  exit(0);
}

int main(int count, char **words) {
  int channel[2];
  if (count != 3) return 2;
  checked(socketpair(AF_UNIX, SOCK_STREAM, 0, channel), "socketpair");
  if (checked(fork(), "fork") == 0) {
    close(channel[0]);
    pin(atoi(words[2]));
    receiver(channel[1]);
  }
  close(channel[1]);
  pin(atoi(words[1]));
  sender(channel[0]);
}
