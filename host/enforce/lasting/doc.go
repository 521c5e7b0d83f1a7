// Package lasting lists the system calls of kernel objects that outlive their
// process and are found by a key or a name outside the file system: System V
// IPC (sysvipc(7)), POSIX message queues (mq_overview(7)) and keyrings
// (keyrings(7)). Through such an object a process that no policy binds could
// hand a message or memory to a sealed one that starts when it is gone. So no
// process of a run may use them: the monitor refuses them in sealed processes,
// and [Filter] in those without a policy.
package lasting
