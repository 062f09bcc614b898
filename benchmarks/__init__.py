"""Speed and memory, each against a floor or a peer, interleaved in one run."""
