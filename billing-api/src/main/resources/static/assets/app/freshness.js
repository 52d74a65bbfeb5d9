/** How complete the latest answer was; shown in the head of every page. */

let completeness = null;
const listeners = new Set();

export function freshness() {
  return completeness;
}

/** Takes what an answer says of itself, and gives the answer back. */
export function heard(answer) {
  if (answer?.asOf?.completeness) {
    completeness = answer.asOf.completeness;
    listeners.forEach((listener) => listener());
  }
  return answer;
}

export function onFreshness(listener) {
  listeners.add(listener);
}
