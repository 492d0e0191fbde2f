//! Reading a gateway's JSON.
