"""Amazon Mechanical Turk: whose frame the page stands in, HITs published, looked up, paid."""
