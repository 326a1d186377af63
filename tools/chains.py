"""A linear-chain conditional random field, fitted: probabilities of a role for each sentence of a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


class Chains:
    """Abstracts as rows of a sparse matrix, padded to a rectangle for the recursions; each counts as often as its weight."""

    def __init__(self, features: csr_matrix, lengths: Sequence[int], gold: np.ndarray, counts: np.ndarray) -> None:
        self.features, self.gold, self.counts = features, gold, counts
        self.row_counts = np.repeat(counts, lengths)[:, None]
        self.count, self.longest = len(lengths), max(lengths)
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        self.rows = np.full((self.count, self.longest), -1)
        for place, (start, length) in enumerate(zip(starts, lengths, strict=True)):
            self.rows[place, :length] = np.arange(start, start + length)
        self.mask = self.rows >= 0

    def padded(self, values: np.ndarray) -> np.ndarray:
        out = np.zeros((self.count, self.longest, values.shape[1]))
        out[self.mask] = values[self.rows[self.mask]]
        return out

    def flat(self, values: np.ndarray) -> np.ndarray:
        out = np.zeros((self.features.shape[0], values.shape[2]))
        out[self.rows[self.mask]] = values[self.mask]
        return out


def log_sum(values: np.ndarray, axis: int) -> np.ndarray:
    top = values.max(axis=axis, keepdims=True)
    return (top + np.log(np.exp(values - top).sum(axis=axis, keepdims=True))).squeeze(axis)


def marginals(chains: Chains, table: np.ndarray, moves: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Sum of log partition functions, expected count of each role in each sentence and of each move."""
    local = chains.padded(chains.features @ table)
    mask = chains.mask
    forward, behind = np.zeros_like(local), np.zeros_like(local)
    forward[:, 0] = local[:, 0]
    for t in range(1, chains.longest):
        reached = log_sum(forward[:, t - 1][:, :, None] + moves, 1) + local[:, t]
        forward[:, t] = np.where(mask[:, t, None], reached, forward[:, t - 1])
    for t in range(chains.longest - 2, -1, -1):
        reached = log_sum(moves + (local[:, t + 1] + behind[:, t + 1])[:, None, :], 2)
        behind[:, t] = np.where(mask[:, t + 1, None], reached, 0)
    total = log_sum(forward[:, -1], 1)
    expected = np.zeros_like(moves)
    for t in range(chains.longest - 1):
        pair = forward[:, t][:, :, None] + moves + (local[:, t + 1] + behind[:, t + 1])[:, None, :]
        there = (mask[:, t + 1] * chains.counts)[:, None, None]
        expected += (np.exp(pair - total[:, None, None]) * there).sum(0)
    single = np.exp(forward + behind - total[:, None, None]) * mask[:, :, None]
    return chains.counts @ total, chains.flat(single) * chains.row_counts, expected


def fit_chain(chains: Chains, count: int, l1: float, l2: float) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood with L1 and L2 penalties; L1 by splitting each weight into two that are not negative."""
    gold = np.zeros((len(chains.gold), count))
    gold[np.arange(len(gold)), chains.gold] = chains.row_counts[:, 0]
    gold_moves = np.zeros((count, count))
    for row, times in zip(chains.rows, chains.counts, strict=True):
        path = chains.gold[row[row >= 0]]
        np.add.at(gold_moves, (path[:-1], path[1:]), times)
    size = chains.features.shape[1] * count
    turned = chains.features.T.tocsr()

    def parts(vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        table = vector[:size] - vector[size : 2 * size] if l1 else vector[:size]
        return table.reshape(-1, count), vector[-count * count :].reshape(count, count)

    def loss(vector: np.ndarray) -> tuple[float, np.ndarray]:
        table, moves = parts(vector)
        total, single, expected = marginals(chains, table, moves)
        value = total - (chains.features @ table * gold).sum() - (moves * gold_moves).sum()
        slope = (turned @ (single - gold) + l2 * table).ravel()
        slope_moves = (expected - gold_moves + 0.1 * moves).ravel()
        value += 0.5 * l2 * (table**2).sum() + 0.05 * (moves**2).sum()
        if not l1:
            return value, np.concatenate([slope, slope_moves])
        return value + l1 * vector[: 2 * size].sum(), np.concatenate([slope + l1, l1 - slope, slope_moves])

    start = np.zeros(size * (2 if l1 else 1) + count * count)
    bounds = [(0, None)] * (2 * size) + [(None, None)] * count**2 if l1 else None
    return parts(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 150}).x)
