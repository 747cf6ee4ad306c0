/* What signals.c asks of the operating system. One file per system implements
   it: signals_unix.c. */
#ifndef CAML_SIGNALS_OS_H
#define CAML_SIGNALS_OS_H

#include <signal.h>

/* In the order of Sys.signal_behavior. */
enum caml_signal_action { SIGNAL_DEFAULT, SIGNAL_IGNORE, SIGNAL_HANDLE };

/* Numbers of this system by the order of the constants of Sys (sigabrt = -1,
   sigalrm = -2, ...); -1: there is no such signal. */
extern const int caml_os_signals[];
extern const int caml_os_num_signals;

/* Sets what the system does with a signal; returns what it did, or -1. */
int caml_os_set_signal_action(int signo, enum caml_signal_action action);

struct caml_signal_mask {
  sigset_t set;
};
/* For the calling thread. */
void caml_os_block_signal(int signo, struct caml_signal_mask *saved);
void caml_os_restore_signals(const struct caml_signal_mask *saved);
int caml_os_signal_is_blocked(int signo);
int caml_os_pending_signals_are_blocked(void);

#endif /* CAML_SIGNALS_OS_H */
