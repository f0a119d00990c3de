/**
 * Which of two SCP statements of a node says more, so that the other need not be sent.
 * @see scp/Slot.cpp `isNewerNominationOrBallotSt`, scp/BallotProtocol.cpp and
 *   scp/NominationProtocol.cpp `isNewerStatement` (stellar-core v27) @module
 */
import { compareBytes } from '../../base/bytes.ts';
import { SCPStatementType, type SCPBallot, type SCPStatement } from '../xdr/scp.ts';

/** Whether `next` replaces `old`: same node and slot, same protocol, and further along. */
export function isNewerStatement(old: SCPStatement, next: SCPStatement): boolean {
  if (old.slotIndex !== next.slotIndex) return false;
  if (compareBytes(old.nodeID.value, next.nodeID.value) !== 0) return false;
  const a = old.pledges;
  const b = next.pledges;
  if (a.type === SCPStatementType.SCP_ST_NOMINATE && b.type === a.type) {
    const votes = growth(a.value.votes, b.value.votes);
    const accepted = growth(a.value.accepted, b.value.accepted);
    return votes !== undefined && accepted !== undefined && (votes || accepted);
  }
  // A node sends its nomination beside its ballots.
  if (isNomination(a.type) || isNomination(b.type)) return false;
  // PREPARE before CONFIRM before EXTERNALIZE.
  if (a.type !== b.type) return a.type < b.type;
  if (a.type === SCPStatementType.SCP_ST_CONFIRM && b.type === a.type) {
    const ballots = compareBallots(a.value.ballot, b.value.ballot);
    if (ballots !== 0) return ballots < 0;
    if (a.value.nPrepared !== b.value.nPrepared) return a.value.nPrepared < b.value.nPrepared;
    return a.value.nH < b.value.nH;
  }
  if (a.type === SCPStatementType.SCP_ST_PREPARE && b.type === a.type) {
    const order =
      compareBallots(a.value.ballot, b.value.ballot) ||
      compareBallots(a.value.prepared, b.value.prepared) ||
      compareBallots(a.value.preparedPrime, b.value.preparedPrime);
    return order === 0 ? a.value.nH < b.value.nH : order < 0;
  }
  // There is one EXTERNALIZE only.
  return false;
}

function isNomination(type: SCPStatementType): boolean {
  return type === SCPStatementType.SCP_ST_NOMINATE;
}

/** By counter, then by value; no ballot comes before any. */
function compareBallots(a: SCPBallot | undefined, b: SCPBallot | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a.counter - b.counter || compareBytes(a.value, b.value);
}

/** Whether a sorted list gained values; `undefined` when it lost some. */
function growth(old: readonly Uint8Array[], next: readonly Uint8Array[]): boolean | undefined {
  let at = 0;
  for (const value of old) {
    while (at < next.length && compareBytes(next[at] as Uint8Array, value) < 0) at += 1;
    if (at === next.length || compareBytes(next[at] as Uint8Array, value) !== 0) return undefined;
    at += 1;
  }
  return next.length !== old.length;
}
