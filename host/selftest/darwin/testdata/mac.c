/*
 * Plays macOS for the experiments, on Linux: as the facts say, but for the one
 * fact that FAKE_WRONG names. Processes see each other through files in FAKE_DIR.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EPERM_ = 1, ENOENT_ = 2, ESRCH_ = 3, EBADF_ = 9, EACCES_ = 13, EINVAL_ = 22 };

static __thread struct { int err; unsigned behind; } thread_errno = { 0, 0xdeadbeef };
int *__error(void) { return &thread_errno.err; }
static int fail(int err) { thread_errno.err = err; return -1; }

static int wrong(const char *fact) {
	const char *w = getenv("FAKE_WRONG");
	return w && !strcmp(w, fact);
}
static FILE *file(const char *mode, const char *format, ...) {
	char name[256], path[512];
	va_list ap;
	va_start(ap, format);
	vsnprintf(name, sizeof name, format, ap);
	va_end(ap);
	snprintf(path, sizeof path, "%s/%s", getenv("FAKE_DIR"), name);
	return fopen(path, mode);
}

/* --- the profile: the last clause that fits decides --- */
static __thread char text[16384];
static int applier;
static const char *profile_of(int pid) {
	FILE *f = file("r", "applied.%d", pid);
	if (!f) return NULL;
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	return text;
}
static int uncovered(const char *op) { /* by (deny default) */
	return !wrong("apply.deny-default-gaps") && (!strncmp(op, "process-info", 12) || !strcmp(op, "darwin-notification-post"));
}
static int operation_fits(const char *have, size_t n, const char *op) {
	if (n == 7 && !strncmp(have, "default", 7)) return !uncovered(op);
	if (n && have[n - 1] == '*') return !strncmp(have, op, n - 1);
	return strlen(op) == n && !strncmp(have, op, n);
}
static int value_fits(const char *clause, const char *end, const char *arg) {
	char have[4096], want[2048];
	size_t n = end - clause;
	if (n >= sizeof have) return 0;
	memcpy(have, clause, n);
	have[n] = 0;
	if (!strchr(have, '(')) return 1; /* no filter */
	if (!arg) return 0;
	if (strstr(have, "#\"")) return strstr(arg, "file-whole-name") != NULL;
	snprintf(want, sizeof want, "\"%s\"", arg);
	if (strstr(have, want)) return 1;
	snprintf(want, sizeof want, " %s)", arg);
	return strstr(have, want) != NULL;
}
static int denied_in(const char *p, const char *op, const char *arg) {
	int verdict = 0;
	while (p && (p = strchr(p, '('))) {
		int deny = !strncmp(p, "(deny ", 6), allow = !strncmp(p, "(allow ", 7);
		const char *word = p + (deny ? 6 : 7), *end = p;
		int depth = 0;
		do {
			depth += *end == '(';
			depth -= *end == ')';
			end++;
		} while (*end && depth);
		size_t n = strcspn(word, " )");
		if ((deny || allow) && operation_fits(word, n, op) && value_fits(word + n, end - 1, arg)) verdict = deny;
		p = end;
	}
	return verdict;
}
static int denied(const char *op, const char *arg) {
	if (wrong("apply.all-threads") && applier && gettid() != applier) return 0;
	return denied_in(profile_of(getpid()), op, arg);
}
static void report(const char *op, const char *arg) {
	FILE *f = file("a", "log");
	fprintf(f, "Sandbox: hrhost(%d) deny(1) %s %s\n", getpid(), op, arg);
	fclose(f);
}

/* --- applying and compiling --- */
int sandbox_init_with_parameters(const char *profile, uint64_t flags, const char *const params[], char **errorbuf) {
	*errorbuf = NULL;
	if (strstr(profile, "(nonsense)")) {
		if (wrong("apply.error-buffer")) return fail(EINVAL_);
		*errorbuf = strdup("unbound variable: nonsense");
		fprintf(stderr, "sandbox initialization failed: unbound variable: nonsense\n");
		return fail(EINVAL_);
	}
	const char *now = profile_of(getpid());
	if (now && (strcmp(now, profile) || wrong("apply.same-again"))) return fail(strcmp(now, profile) ? EPERM_ : EINVAL_);
	FILE *f = file("w", "applied.%d", getpid());
	fputs(profile, f);
	fclose(f);
	applier = gettid();
	return 0;
}
void sandbox_free_error(char *s) { free(s); }
struct profile { char *builtin; unsigned char *data; size_t size; };
#ifndef WITHOUT_COMPILE
void *sandbox_create_params(void) { return malloc(8); }
int sandbox_set_param(void *p, const char *k, const char *v) { return 0; }
void sandbox_free_params(void *p) { free(p); }
static int imports_fail(const char *text) {
	char name[1024] = "";
	const char *at = strstr(text, "(import \"");
	if (!at || sscanf(at, "(import \"%1023[^\"]\"", name) != 1 || !strcmp(name, "system.sb")) return 0;
	return access(name, R_OK) != 0 || (name[0] != '/' && !wrong("compile.import-dirs"));
}
struct profile *sandbox_compile_string(const char *text, void *p, char **err) {
	*err = NULL;
	if (imports_fail(text)) { *err = strdup("could not find the import"); fail(ENOENT_); return NULL; }
	struct profile *out = calloc(1, sizeof *out);
	out->data = (unsigned char *)strdup(text);
	out->size = wrong("compile.profile-layout") ? 3 : strlen(text);
	return out;
}
void sandbox_free_profile(struct profile *p) { free(p->data); free(p); }
#endif

/* --- the oracle --- */
const uint32_t SANDBOX_CHECK_NO_REPORT = 0x40000000;
int sandbox_check(int pid, const char *op, int type, ...) {
	va_list ap;
	va_start(ap, type);
	int filter = type & 0x81ffffff;
	long first = filter ? va_arg(ap, long) : 0;
	va_end(ap);
	char number[32];
	const char *arg = (const char *)first;
	if (filter == 10 || filter == 14 || filter == 16 || filter == 18) {
		snprintf(number, sizeof number, "%d", (int)first);
		arg = number;
	}
	if (kill(pid, 0)) return wrong("check.dead-process") ? 0 : fail(ESRCH_);
	const char *p = profile_of(pid);
	if (!op) return p != NULL;
	if (filter == 13 && wrong("check.filters-decompiled")) return fail(EINVAL_);
	if (filter == 17 && wrong("check.filters-unsure")) return fail(EINVAL_);
	if (wrong("check.variadic-stack")) arg = "";
	int no = denied_in(p, op, filter ? arg : NULL);
	if (no && (!(type & 0x40000000) || wrong("check.no-report"))) report(op, arg ? arg : "");
	return no;
}

/* --- mach and notifications --- */
unsigned bootstrap_port = 0x707;
unsigned mach_task_self_ = 0x103;
int mach_port_deallocate(unsigned task, unsigned port) { return 0; }
int bootstrap_look_up(unsigned bp, const char *name, unsigned *port) {
	if (denied("mach-lookup", name)) { report("mach-lookup", name); return 1100; }
	if (strncmp(name, "com.apple.", 10)) return 1102;
	*port = 0x1234;
	return 0;
}
/* As Libnotify notify_client.c: the centre is looked up once, options are OR-ed, and the
 * server asks the sandbox about a filtered post only (notifyd/notify_proc.c). */
static int centre = -1; /* 1 for denied */
static unsigned options;
static void find_centre(void) {
	if (centre < 0 || wrong("notify.cached-look-up")) centre = denied("mach-lookup", "com.apple.system.notification_center");
}
void notify_set_options(uint32_t opts) {
	options |= opts;
	if (!wrong("notify.options-look-up")) find_centre();
}
uint32_t notify_post(const char *name) {
	find_centre();
	if (centre) return wrong("notify.lookup-is-9") ? 7 : 9;
	int filtered = options & 4 && !wrong("notify.filtered") || wrong("notify.plain");
	if (filtered && denied("darwin-notification-post", name)) return wrong("notify.one-way") ? 7 : 0;
	FILE *f = file("a", "notify.%s", name);
	fputc('x', f);
	fclose(f);
	return 0;
}
static struct { char name[128]; long seen; } registered[8];
static long posts(const char *name) {
	FILE *f = file("a", "notify.%s", name);
	long n = ftell(f);
	fclose(f);
	return n;
}
uint32_t notify_register_check(const char *name, int *token) {
	static int next;
	snprintf(registered[next].name, sizeof registered[next].name, "%s", name);
	registered[next].seen = -1;
	*token = next++;
	return 0;
}
uint32_t notify_check(int token, int *posted) {
	long n = posts(registered[token].name);
	*posted = n != registered[token].seen;
	registered[token].seen = n;
	return 0;
}
uint32_t notify_cancel(int token) { return 0; }

/* --- distributed notifications --- */
void *CFStringCreateWithCString(void *allocator, const char *text, uint32_t encoding) { return strdup(text); }
void CFRelease(void *object) { free(object); }
void *CFNotificationCenterGetDistributedCenter(void) { return (void *)0xD157; }
void CFNotificationCenterPostNotification(void *center, void *name, const void *object, void *info, unsigned char now) {
	if (denied("mach-lookup", wrong("distributed.look-up") ? "com.apple.distributed_notifications.2" : "com.apple.distributed_notifications@Uv3")) return;
	if (denied("distributed-notification-post", name)) {
		fprintf(stderr, "*** attempt to post distributed notification '%s' thwarted by sandboxing.\n", (char *)name);
		if (!wrong("distributed.silent")) return;
	}
	FILE *f = file("a", "distributed");
	fprintf(f, "%s\n", (char *)name);
	fclose(f);
}
typedef void (*callback)(void *center, void *observer, void *name, const void *object, void *info);
static struct { void *observer; char *name; callback call; } observers[8];
static int observing;
void CFNotificationCenterAddObserver(void *center, void *observer, callback call, void *name, const void *object, long behaviour) {
	observers[observing].observer = observer;
	observers[observing].name = strdup(name);
	observers[observing++].call = call;
}
void CFRunLoopRun(void) {
	char line[256];
	FILE *f;
	fclose(file("a", "distributed"));
	f = file("r", "distributed");
	for (;; usleep(2000)) {
		clearerr(f);
		while (fgets(line, sizeof line, f)) {
			line[strcspn(line, "\n")] = 0;
			for (int i = 0; i < observing && !wrong("distributed.main-run-loop"); i++)
				if (!strcmp(observers[i].name, line)) observers[i].call(0, observers[i].observer, 0, 0, 0);
		}
	}
}

/* --- sysctl --- */
static int value(const char *text, void *old, size_t *length) {
	size_t n = strlen(text) + 1;
	if (old) memcpy(old, text, n);
	*length = n;
	return 0;
}
/* As XNU bsd/kern/kern_sysctl.c sysctl_system_version_compat and sysctl_osproductversion. */
static int compat;
int sysctlbyname(const char *name, void *old, size_t *length, void *set, size_t setlength) {
	if (!strcmp(name, "kern.system_version_compat")) {
		if (set && setlength != sizeof compat) return fail(EINVAL_);
		if (old) { memcpy(old, &compat, sizeof compat); *length = sizeof compat; }
		if (set) memcpy(&compat, set, sizeof compat);
		return 0;
	}
	int missing = !strcmp(name, "kern.hrhost_no_such_name"), no = denied("sysctl-read", name);
	if (missing && !(no && wrong("sysctl.name-first"))) return fail(ENOENT_);
	if (set) return fail(EPERM_);
	if (no) return fail(wrong("sysctl.denied") ? EACCES_ : EPERM_);
	if (!strcmp(name, "kern.osproductversion")) return value(compat || wrong("world.version-compat") ? "10.16" : "14.4.1", old, length);
	if (!strcmp(name, "kern.osversion")) return value(wrong("world.sysctls") ? "Darwin Kernel" : "23E224", old, length);
	if (!strcmp(name, "hw.machine")) return value("arm64", old, length);
	if (!strcmp(name, "kern.uuid")) return value("0123ABCD-4567-89AB-CDEF-0123456789AB", old, length);
	return value("Darwin", old, length);
}
int sysctlnametomib(const char *name, int *mib, size_t *n) { return fail(ENOENT_); }
int sysctl(int *mib, unsigned n, void *old, size_t *length, void *set, size_t setlength) { return fail(ENOENT_); }

/* --- processes --- */
static int refused(int pid, const char *op) {
	if (kill(pid, 0) && errno == ESRCH) { fail(ESRCH_); return 1; }
	if (denied(op, NULL)) { fail(wrong("proc.denied") ? EACCES_ : EPERM_); return 1; }
	return 0;
}
static int none(void) { return wrong("proc.zero-is-error") ? -1 : 0; }
int proc_pidinfo(int pid, int flavor, uint64_t arg, void *buffer, int size) {
	if (refused(pid, "process-info-pidinfo")) return none();
	if (pid == 1 && flavor == 3 && !wrong("proc.other-user")) { fail(EPERM_); return 0; }
	memset(buffer, 0, size);
	return size;
}
int proc_pidfdinfo(int pid, int fd, int flavor, void *buffer, int size) {
	if (wrong("proc.permission-first") && fd == 9999) { fail(EBADF_); return 0; }
	if (refused(pid, "process-info-pidfdinfo")) return none();
	fail(EBADF_);
	return 0;
}
int proc_pidpath(int pid, void *buffer, uint32_t size) {
	if (refused(pid, "process-info-pidinfo")) return none();
	return snprintf(buffer, size, "/sbin/launchd");
}
int proc_pid_rusage(int pid, int flavor, void *buffer) {
	if (pid == 1 && !wrong("proc.other-user")) { fail(EPERM_); return -1; }
	return refused(pid, wrong("proc.call-to-operation") ? "process-info-pidinfo" : "process-info-rusage") ? -1 : 0;
}
static int stat_of(int pid, int *parent, int *group) {
	char path[64], line[1024], state, *after;
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	if (!f) return 0;
	after = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return after && sscanf(after + 2, "%c %d %d", &state, parent, group) == 3;
}
int proc_listpids(uint32_t type, uint32_t about, void *buffer, int size) {
	if (type == 1 && denied("process-info-listpids", NULL)) { fail(EPERM_); return 0; }
	int n = 0, parent, group, *out = buffer;
	if (wrong("proc.list-kinds") && type != 1) type = type == 2 ? 6 : 2;
	DIR *d = opendir("/proc");
	for (struct dirent *e; (e = readdir(d));) {
		int pid = atoi(e->d_name);
		if (!pid || !stat_of(pid, &parent, &group)) continue;
		if (type == 1 || (type == 2 && group == (int)about) || (type == 6 && parent == (int)about)) {
			if (out) out[n] = pid;
			n++;
		}
	}
	closedir(d);
	return 4 * n;
}
int csops(int pid, unsigned ops, void *data, size_t size) {
	if (ops == 0) {
		if (pid == 1 && wrong("world.code-signing")) return fail(EPERM_);
		*(uint32_t *)data = pid == 1 ? 0x24000001 : 0x20003;
		return 0;
	}
	static const unsigned char none[8], claims[8] = { 0xfa, 0xde, 0x71, 0x71, 0, 1, 0, 0 };
	memcpy(data, wrong("world.entitlements") ? claims : none, 8);
	return 0;
}

/* --- identity --- */
int csr_get_active_config(uint32_t *config) {
	if (profile_of(getpid()) && wrong("world.sip")) return fail(EPERM_);
	*config = 0x77;
	return 0;
}
long _dyld_get_shared_cache_uuid(unsigned char *uuid) {
	for (int i = 0; i < 16; i++) uuid[i] = 0x10 + i;
	return !wrong("world.shared-cache");
}
