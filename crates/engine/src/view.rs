//! Answers to questions, from the same code that executes.
