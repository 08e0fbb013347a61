//! What a service sees: context, operation tables, calls, timers, outbox, worlds.
