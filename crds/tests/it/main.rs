//! Tests of the language's types and of the files made from them.

mod canonical;
mod examples;
mod generated;
mod structural;
