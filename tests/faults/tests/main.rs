//! The real process under real faults, and what its files say afterwards.

mod kill;
