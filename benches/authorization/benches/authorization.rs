//! `cargo bench` in this folder: what one authorization takes, and what reading a policy takes.

use std::hint::black_box;

use authorization::{Keys, QUEUE, of_many_services, of_one_service, user};
use criterion::{Criterion, criterion_group, criterion_main};
use virga_iam::evaluation::{Request, evaluate, explain};

fn authorizations(criterion: &mut Criterion) {
    let caller = user();
    let many = of_many_services();
    let one = of_one_service();
    let mut group = criterion.benchmark_group("ten policies of 2 KB");
    for (name, policies, action) in [
        ("about many services, allowed", &many, "sqs:SendMessage"),
        ("about many services, refused", &many, "sqs:TagQueue"),
        ("about the one service, allowed", &one, "sqs:SendMessage"),
        ("about the one service, refused", &one, "sqs:TagQueue"),
    ] {
        let request = Request::new(action, QUEUE, &caller, policies, &Keys);
        group.bench_function(name, |bencher| bencher.iter(|| evaluate(black_box(&request))));
    }
    let request = Request::new("sqs:SendMessage", QUEUE, &caller, &one, &Keys);
    group.bench_function("explained", |bencher| bencher.iter(|| explain(black_box(&request))));
    group.finish();
}

criterion_group!(benches, authorizations);
criterion_main!(benches);
