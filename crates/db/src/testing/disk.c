/* Stands between one process and the disk; preloaded by tests and measurements (disk.rs).
 *
 *   ROSTRUM_SYNC_US     each fsync and fdatasync takes so many microseconds more
 *   ROSTRUM_DISK_FILES  files whose paths begin so are watched, except shared memory (-shm)
 *   ROSTRUM_DISK_LOG    where is written how to take back each change of a watched file,
 *                       before the change, and when a sync has made it last
 *   ROSTRUM_CUT_AT      kills the process at the N-th change or sync, before it is done
 *
 * A record of the log: what (W or S), length of the path, offset, size of the file before,
 * length of the bytes before; then the path, then those bytes. The host's byte order. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct record {
  uint64_t what, path_length, offset, size, length;
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static const char *watched;
static long cut_at, passed, delay;
static int out = -1;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("ROSTRUM_SYNC_US");
  delay = text ? atol(text) : 0;
  text = getenv("ROSTRUM_CUT_AT");
  cut_at = text ? atol(text) : 0;
  text = getenv("ROSTRUM_DISK_LOG");
  watched = getenv("ROSTRUM_DISK_FILES");
  if (watched && text) out = open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The path of a watched file, else 0. */
static size_t path_of(int fd, char *path, size_t room) {
  if (out < 0) return 0;
  char link[40] = "/proc/self/fd/", digits[16];
  int n = 0;
  for (unsigned rest = (unsigned)fd; n == 0 || rest; rest /= 10) digits[n++] = (char)('0' + rest % 10);
  char *end = link + strlen(link);
  while (n) *end++ = digits[--n];
  *end = 0;
  ssize_t length = readlink(link, path, room - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t start = strlen(watched);
  if (strncmp(path, watched, start) || !strcmp(path + start, "-shm")) return 0;
  return (size_t)length;
}

static void note(char what, const char *path, size_t path_length, uint64_t offset, uint64_t size,
                 void *before, uint64_t length) {
  struct record r = {(uint64_t)what, path_length, offset, size, length};
  struct iovec parts[3] = {{&r, sizeof r}, {(void *)path, path_length}, {before, length}};
  /* A log that misses a record would hide what a power cut takes. */
  if (syscall(SYS_writev, out, parts, 3) != (long)(sizeof r + path_length + length)) abort();
}

static void perhaps_cut(void) {
  if (++passed == cut_at) kill(getpid(), SIGKILL);
}

/* Before `length` bytes at `offset` change, and all after `offset` when `cut`. */
static int changing(int fd, off_t offset, size_t length, int cut) {
  char path[4096];
  size_t path_length = path_of(fd, path, sizeof path);
  if (!path_length) return 0;
  pthread_mutex_lock(&one_at_a_time);
  perhaps_cut();
  struct stat file;
  fstat(fd, &file);
  if (cut) length = file.st_size > offset ? (size_t)(file.st_size - offset) : 0;
  char *before = malloc(length + 1);
  ssize_t had = length ? pread(fd, before, length, offset) : 0;
  note('W', path, path_length, (uint64_t)offset, (uint64_t)file.st_size, before,
       had > 0 ? (uint64_t)had : 0);
  free(before);
  return 1;
}

static void changed(int held) {
  if (held) pthread_mutex_unlock(&one_at_a_time);
}

static ssize_t store(int fd, const void *bytes, size_t length, off_t offset) {
  int held = changing(fd, offset, length, 0);
  ssize_t done = syscall(SYS_pwrite64, fd, bytes, length, offset);
  changed(held);
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return store(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return store(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[4096];
  int held = path_of(fd, path, sizeof path) ? changing(fd, lseek(fd, 0, SEEK_CUR), length, 0) : 0;
  ssize_t done = syscall(SYS_write, fd, bytes, length);
  changed(held);
  return done;
}

static int shorten(int fd, off_t size) {
  int held = changing(fd, size, 0, 1);
  int done = (int)syscall(SYS_ftruncate, fd, size);
  changed(held);
  return done;
}

int ftruncate(int fd, off_t size) { return shorten(fd, size); }
int ftruncate64(int fd, off64_t size) { return shorten(fd, size); }

static int synced(long call, int fd) {
  if (delay) {
    struct timespec wait = {delay / 1000000, delay % 1000000 * 1000};
    nanosleep(&wait, NULL);
  }
  char path[4096];
  size_t path_length = path_of(fd, path, sizeof path);
  if (!path_length) return (int)syscall(call, fd);
  pthread_mutex_lock(&one_at_a_time);
  perhaps_cut();
  int done = (int)syscall(call, fd);
  if (!done) note('S', path, path_length, 0, 0, NULL, 0);
  pthread_mutex_unlock(&one_at_a_time);
  return done;
}

int fsync(int fd) { return synced(SYS_fsync, fd); }
int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }
