//! x
#![allow(clippy::all, missing_docs)]
use std::time::Instant;
use hall_journal::*;
use hall_journal::memory::MemoryStore;
fn ev(n:u64)->Entry{Entry{at_ms:1_767_225_600_000,kind:"TicketCalled".into(),cause: format!(r#"{{"device":"pad-12","session":190233,"sequence":{n},"clerk":"zhang"}}"#),
 body: format!(r#"{{"ticket":"A{n:04}","window":"w12","service":"social-insurance","why":"first-come","waited_ms":734211}}"#)}}
fn main(){
  let es:Vec<_>=(0..200000).map(ev).collect();
  let t=Instant::now(); let mut h=chain::genesis("x"); let mut v=Vec::new();
  for e in es { let r=chain::seal(&h,e); h=r.head(); v.push(r);} 
  println!("seal {:?}/record", t.elapsed()/200000);
  let mut m=MemoryStore::new("x"); let t=Instant::now(); m.append_batch(&v).unwrap(); println!("clone {:?}", t.elapsed()/200000);
  // handoff
  let c=Committer::replay(MemoryStore::new("x"),chain::genesis("x"),|_|Ok::<(),()>(())).unwrap();
  let w=JournalWriter::start(c).unwrap(); let (a,b)=std::sync::mpsc::channel();
  let t=Instant::now();
  for _ in 0..20000 { let a=a.clone(); w.reserve().unwrap().append(vec![],move|r|a.send(r).unwrap()); b.recv().unwrap().unwrap(); }
  println!("handoff round trip {:?}", t.elapsed()/20000);
}
