//! Use cases: who may do what with a teleconsultation, and what then happens.
