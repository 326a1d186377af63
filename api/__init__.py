"""HTTP, nothing else: requests taken apart, one service call, answers shaped."""
