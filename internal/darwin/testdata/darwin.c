/*
 * A stand-in for the macOS libraries, with their names and calling conventions,
 * for the tests on Linux. What each call answers is chosen by its arguments, so
 * that tests can run in any order; only what is applied is remembered.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EPERM_ = 1, ENOENT_ = 2, ESRCH_ = 3, EBADF_ = 9, ENOMEM_ = 12, EINVAL_ = 22, ERANGE_ = 34 };

/* errno as on macOS: an int with something else behind it in the same word. */
static __thread struct { int err; unsigned behind; } thread_errno = { 0, 0xdeadbeef };
int *__error(void) { return &thread_errno.err; }
static int fail(int err) { thread_errno.err = err; return -1; }

/* --- applying --- */
static char *applied;
static __thread int freed;
int errors_freed(void) { return freed; }
void forget_applied(void) { free(applied); applied = NULL; }

static char *joined(const char *profile, const char *const *params) {
	char *s = strdup(profile);
	for (; params && *params; params += 2) {
		char *longer = malloc(strlen(s) + strlen(params[0]) + strlen(params[1]) + 3);
		sprintf(longer, "%s;%s=%s", s, params[0], params[1]);
		free(s);
		s = longer;
	}
	return s;
}

int sandbox_init_with_parameters(const char *profile, uint64_t flags, const char *const params[], char **errorbuf) {
	*errorbuf = NULL;
	if (flags != 0) { *errorbuf = strdup("bad flags"); return fail(EINVAL_); }
	if (strstr(profile, "(nonsense)")) {
		*errorbuf = strdup("unbound variable: nonsense");
		return fail(EINVAL_);
	}
	if (strstr(profile, "(refused)")) return fail(EPERM_); /* no words */
	char *now = joined(profile, params);
	if (applied && strcmp(applied, now)) { free(now); return fail(EPERM_); }
	free(applied);
	applied = now;
	return 0; /* errno stays as it was */
}
void sandbox_free_error(char *s) { freed++; free(s); }
const char *what_was_applied(void) { return applied; }

struct params { const char *list[32]; size_t n; };
static int params_held;
int params_left(void) { return params_held; }
struct params *sandbox_create_params(void) { params_held++; return calloc(1, sizeof(struct params)); }
/* The texts are not copied. */
int sandbox_set_param(struct params *p, const char *k, const char *v) {
	if (!strcmp(k, "BAD")) return fail(EINVAL_);
	p->list[p->n++] = k;
	p->list[p->n++] = v;
	return 0;
}
void sandbox_free_params(struct params *p) { params_held--; free(p); }
struct profile { char *builtin; const unsigned char *data; size_t size; };
struct profile *sandbox_compile_string(const char *text, struct params *p, char **err) {
	*err = NULL;
	if (strstr(text, "(nonsense)")) { *err = strdup("unbound variable: nonsense"); fail(EINVAL_); return NULL; }
	struct profile *out = calloc(1, sizeof *out);
	char *s = joined(text, p->list);
	out->data = (unsigned char *)s;
	out->size = strlen(s);
	return out;
}
void sandbox_free_profile(struct profile *p) { free((void *)p->data); free(p); }

/* --- the oracle --- */
const uint32_t SANDBOX_CHECK_NO_REPORT = 0x40000000;
static int reported;
int reports(void) { return reported; }

static int sandboxed;
void sandbox_process(int pid) { sandboxed = pid; }

static int check(int pid, const char *op, int type, long first, long second) {
	if (!(type & 0x40000000) && op) reported++;
	type &= 0x81ffffff;
	if (pid == 999999) return fail(ESRCH_);
	if (!op) return pid == 42 || pid == sandboxed;
	if (!strcmp(op, "process-exec") || type > 18) return fail(EINVAL_);
	switch (type) {
	case 0: return !strncmp(op, "denied", 6);
	case 9: return first && !strcmp((const char *)first, "com.example.denied") && (int)second == 1;
	case 10: case 14: case 16: case 18: return (int)first == 77;
	default: return first && !strncmp((const char *)first, "com.example.denied", 18);
	}
}
int sandbox_check(int pid, const char *op, int type, ...) {
	va_list ap;
	va_start(ap, type);
	long first = 0, second = 0;
	if ((type & 0x81ffffff) != 0) first = va_arg(ap, long);
	if ((type & 0x81ffffff) == 9) second = va_arg(ap, long);
	va_end(ap);
	return check(pid, op, type, first, second);
}
/* What clang makes of "..." on darwin/arm64, spelt out with ordinary parameters:
 * three registers used, five not, then the stack. */
int sandbox_check_on_stack(int pid, const char *op, int type, long x3, long x4, long x5, long x6, long x7, long first, long second) {
	return check(pid, op, type, first, second);
}

/* --- mach --- */
unsigned bootstrap_port = 0x707;
unsigned mach_task_self_ = 0x103;
static int rights;
int rights_held(void) { return rights; }
int bootstrap_look_up(unsigned bp, const char *name, unsigned *port) {
	if (bp != 0x707) return 268435459; /* MACH_SEND_INVALID_DEST */
	if (!strncmp(name, "com.example.denied", 18)) return 1100;
	if (!strcmp(name, "com.example.odd")) return 1104;
	if (strncmp(name, "com.example.", 12)) return 1102;
	rights++;
	*port = 0x1234;
	return 0;
}
int mach_port_deallocate(unsigned task, unsigned port) {
	if (task != 0x103 || port != 0x1234) return 15; /* KERN_INVALID_NAME */
	rights--;
	return 0;
}

/* --- notify: options are OR-ed, as in Libnotify notify_client.c notify_set_options --- */
static unsigned notify_opts;
unsigned notify_options(void) { return notify_opts; }
void notify_set_options(uint32_t opts) { notify_opts |= opts; }
uint32_t notify_post(const char *name) {
	if (!strcmp(name, "com.example.filtered")) return notify_opts & 4 ? 0 : 7;
	if (!*name) return 1;
	if (!strcmp(name, "com.example.refused")) return 7;
	return strncmp(name, "com.example.denied", 18) ? 0 : 9;
}
uint32_t notify_register_check(const char *name, int *token) {
	if (!strncmp(name, "com.example.denied", 18)) return 7;
	*token = -5;
	return 0;
}
uint32_t notify_check(int token, int *posted) { *posted = 1; return token == -5 ? 0 : 2; }
uint32_t notify_cancel(int token) { return token == -5 ? 0 : 2; }

/* --- sysctl --- */
static int value(const char *text, void *old, size_t *length) {
	size_t n = strlen(text) + 1;
	if (old && *length < n) return fail(ENOMEM_);
	if (old) memcpy(old, text, n);
	*length = n;
	return 0;
}
int sysctlbyname(const char *name, void *old, size_t *length, void *set, size_t setlength) {
	if (!strcmp(name, "kern.missing")) return fail(ENOENT_);
	if (!strcmp(name, "kern.denied") || set) return fail(EPERM_);
	if (!strcmp(name, "kern.huge")) return fail(ENOMEM_);
	return value("Darwin", old, length);
}
int sysctlnametomib(const char *name, int *mib, size_t *n) {
	if (!strcmp(name, "kern.missing")) return fail(ENOENT_);
	mib[0] = 1;
	mib[1] = strcmp(name, "kern.denied") ? 1 : 2;
	*n = 2;
	return 0;
}
int sysctl(int *mib, unsigned n, void *old, size_t *length, void *set, size_t setlength) {
	if (n != 2 || mib[0] != 1) return fail(ENOENT_);
	return mib[1] == 2 ? fail(EPERM_) : value("Darwin", old, length);
}

/* --- processes; pid 1 is another user's, pids above 1000 fail with pid - 1000, but
 * for the caller's own and for one that there never is --- */
enum { NOBODY = 4 << 20 };
static int denied_info; /* as if a profile denied all of process-info */
void deny_info(int yes) { denied_info = yes; }
static int refused(int pid) {
	if (pid == NOBODY) { fail(ESRCH_); return 1; }
	if (denied_info) { fail(EPERM_); return 1; }
	if (pid == getpid()) return 0;
	if (pid > 1000) { fail(pid - 1000); return 1; }
	if (pid == 1) { fail(EPERM_); return 1; }
	return 0;
}
struct bsdinfo {
	uint32_t flags, status, xstatus, pid, ppid, uid, gid, ruid, rgid, svuid, svgid, rfu;
	char comm[16], name[32];
	uint32_t nfiles, pgid, jobc, tdev, tpgid;
	int32_t nice;
	uint64_t sec, usec;
};
struct shortinfo { uint32_t pid, ppid, pgid, status; char comm[16]; uint32_t flags, uid, gid, ruid, rgid, svuid, svgid, rfu; };
struct uniqinfo { unsigned char uuid[16]; uint64_t id, parent; int32_t version, orig; uint64_t r2, r3; };
int proc_pidinfo(int pid, int flavor, uint64_t arg, void *buffer, int size) {
	if ((denied_info || pid == NOBODY || flavor != 13 && flavor != 17) && refused(pid)) return 0;
	if (flavor == 3 && size >= sizeof(struct bsdinfo)) {
		struct bsdinfo i = { .pid = pid, .ppid = 1, .uid = 501, .comm = "probe", .name = "hrhost-probe", .nice = -7, .sec = 1700000000, .usec = 5 };
		memcpy(buffer, &i, sizeof i);
		return pid == 500 ? 10 : sizeof i; /* cut short */
	}
	if (flavor == 13 && size >= sizeof(struct shortinfo)) {
		struct shortinfo i = { .pid = pid, .uid = 502, .comm = "launchd" };
		memcpy(buffer, &i, sizeof i);
		return sizeof i;
	}
	if (flavor == 17 && size >= sizeof(struct uniqinfo)) {
		struct uniqinfo i = { .id = 7, .version = 9 };
		memcpy(buffer, &i, sizeof i);
		return sizeof i;
	}
	fail(EINVAL_);
	return 0;
}
int proc_pidfdinfo(int pid, int fd, int flavor, void *buffer, int size) {
	if (refused(pid)) return 0;
	if (fd != 2 || flavor != 6 || size < 184) { fail(EBADF_); return 0; }
	memset(buffer, 1, 184);
	return 184;
}
int proc_pidpath(int pid, void *buffer, uint32_t size) {
	if (refused(pid)) return 0;
	return snprintf(buffer, size, "/usr/libexec/probe-%d", pid);
}
int proc_pid_rusage(int pid, int flavor, void *buffer) {
	if (refused(pid)) return -1;
	((uint64_t *)buffer)[2] = 11;
	((uint64_t *)buffer)[3] = 12;
	return 0;
}
/* 42 leads a group with 43, and has the child 44, whose child is 45. */
int proc_listpids(uint32_t type, uint32_t info, void *buffer, int size) {
	int *pids = buffer;
	if (denied_info) { fail(EPERM_); return 0; }
	if (type == 1) return 12 * 4;
	if (type == 2 && info == 42) { pids[0] = 42; pids[1] = 43; pids[2] = 0; return 12; }
	if (type == 6 && info == 42) { pids[0] = 44; return 4; }
	if (type == 6 && info == 44) { pids[0] = 45; return 4; }
	return 0;
}
/* Signatures: 42 has the entitlements in both forms, 43 in XML only and more than
 * fits a first buffer, 44 none and a header of zeros, 45 none and nothing
 * written, 46 no valid signature, 47 a blob that claims too much. */
static int copy_blob(const unsigned char *blob, size_t length, void *data, size_t size) {
	unsigned char header[8] = { 0 };
	if (size < sizeof header) return fail(ERANGE_);
	if (!blob) { memcpy(data, header, sizeof header); return 0; }
	if (size < length) {
		memcpy(header + 4, blob + 4, 4);
		memcpy(data, header, sizeof header);
		return fail(ERANGE_);
	}
	memcpy(data, blob, length);
	return 0;
}
static size_t xml_blob(unsigned char *out, const char *name) {
	size_t n = 8 + sprintf((char *)out + 8, "<plist version=\"1.0\"><dict><key>%s</key><true/></dict></plist>", name);
	unsigned char header[8] = { 0xfa, 0xde, 0x71, 0x71, n >> 24, n >> 16, n >> 8, n };
	memcpy(out, header, sizeof header);
	return n;
}
int csops(int pid, unsigned ops, void *data, size_t size) {
	static __thread unsigned char blob[200000];
	if (pid > 1000) return fail(pid - 1000);
	if (ops == 0) {
		if (size != 4) return fail(EINVAL_);
		*(uint32_t *)data = pid == 46 ? 0 : 0x20003;
		return 0;
	}
	if (pid == 46) return fail(EINVAL_);
	if (pid == 45) return 0;
	if (pid == 47) {
		unsigned char header[8] = { 0xfa, 0xde, 0x71, 0x71, 0, 1, 0, 0 };
		memcpy(data, header, sizeof header);
		return 0;
	}
	if (ops == 7 && pid == 42) return copy_blob(blob, xml_blob(blob, "com.example.one"), data, size);
	if (ops == 7 && pid == 43) {
		static char name[100001];
		memset(name, 'n', 100000);
		return copy_blob(blob, xml_blob(blob, name), data, size);
	}
	if (ops == 16 && pid == 42) {
		static const unsigned char der[] = { 0xfa, 0xde, 0x71, 0x72, 0, 0, 0, 37, 0x70, 27, 2, 1, 1, 0xb0, 22, 0x30, 20, 0x0c, 15,
			'c', 'o', 'm', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'o', 'n', 'e', 1, 1, 0xff };
		return copy_blob(der, sizeof der, data, size);
	}
	if (ops == 7 || ops == 16) return copy_blob(NULL, 0, data, size);
	return fail(EINVAL_);
}

/* --- identity --- */
int csr_get_active_config(uint32_t *config) { *config = 0x77; return 0; }
/* A C bool leaves the rest of its register undefined. */
static int no_cache;
void without_shared_cache(int yes) { no_cache = yes; }
long _dyld_get_shared_cache_uuid(unsigned char *uuid) {
	for (int i = 0; i < 16; i++) uuid[i] = 0x10 + i;
	return 0x7700 | !no_cache;
}

/* --- CoreFoundation --- */
static __thread char posted[128];
const char *last_posted(void) { return posted; }
void *CFStringCreateWithCString(void *allocator, const char *text, uint32_t encoding) {
	return encoding == 0x08000100 ? strdup(text) : NULL;
}
void CFRelease(void *object) { free(object); }
void *CFNotificationCenterGetDistributedCenter(void) { return (void *)0xD157; }
void CFNotificationCenterPostNotification(void *center, void *name, const void *object, void *info, unsigned char now) {
	if (center == (void *)0xD157 && !object && !info && now == 1) snprintf(posted, sizeof posted, "%s", (char *)name);
}
typedef void (*callback)(void *center, void *observer, void *name, const void *object, void *info);
static struct { void *observer; char *name; callback call; } observers[8];
static int observing;
void CFNotificationCenterAddObserver(void *center, void *observer, callback call, void *name, const void *object, long behaviour) {
	if (center != (void *)0xD157 || object || behaviour != 4 || observing == 8) return;
	observers[observing].observer = observer;
	observers[observing].name = strdup(name);
	observers[observing++].call = call;
}
/* Delivers the last post, as often as it is observed. */
void CFRunLoopRun(void) {
	for (int i = 0; i < observing; i++)
		if (!strcmp(observers[i].name, posted)) observers[i].call((void *)0xD157, observers[i].observer, observers[i].name, NULL, NULL);
}
