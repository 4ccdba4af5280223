import type { Mutation } from '../mutation.ts'

const sdk = ['deploy/sdk/ledger-client.test.ts'] as const
const forward = ['gateway/forward/forward.int-test.ts > hung up on'] as const
const files = ['write-side/receive/camt/strict-text.test.ts'] as const
const intent = ['ui/src/api/idempotent-intent.test.ts'] as const

/** Who sends commands, and what stands between. */
export const callerMutations: readonly Mutation[] = [
  {
    name: 'sdk: an unknown outcome is forgotten by a retry',
    file: 'deploy/sdk/ledger-client.ts',
    find: "mayHaveCounted ||= request.method === 'POST' && arrived",
    replace: "mayHaveCounted = request.method === 'POST' && arrived",
    tests: sdk,
  },
  {
    name: 'sdk: a payment without an outcome counts as refused',
    file: 'deploy/sdk/send-payments.ts',
    find: 'const open = results.find((result) => isUnderWay(result) || isTransient(saidOf(result)))',
    replace: 'const open = results.find((result) => isTransient(saidOf(result)) && result.position === undefined)',
    tests: sdk,
  },
  {
    name: 'ui: a lost answer gets a new key',
    file: 'ui/src/api/idempotent-intent.ts',
    find: "current.kind !== 'done' && current.kind !== 'refused'",
    replace: "current.kind === 'submitted'",
    tests: intent,
  },
  {
    name: 'ui: a retry that was turned away undoes what was unknown',
    file: 'ui/src/api/idempotent-intent.ts',
    find: "if (outcome !== 'none' || wasUnknown) return",
    replace: "if (outcome !== 'none') return",
    tests: intent,
  },
  {
    name: 'gateway: a command that the service hung up on is sent again',
    file: 'gateway/forward/ask.ts',
    find: "if (method !== 'POST') return noAnswerCodes.has(code)",
    replace: 'if (noAnswerCodes.has(code)) return true',
    tests: forward,
  },
  {
    name: 'gateway: what a service hung up on was never sent to it',
    file: 'gateway/forward/failures.ts',
    find: 'if (notReachedCodes.has(code)) {',
    replace: 'if (noAnswerCodes.has(code)) {',
    tests: forward,
  },
  {
    name: 'gateway: what an instance that stands still was asked waits for it',
    file: 'gateway/forward/fleet.ts',
    find: "    if (standing === 'away' && members.all().length > 1) instance.breakOff()\n",
    replace: '',
    tests: ['gateway/forward/fleet.int-test.ts'],
  },
  {
    name: 'gateway: an instance that left is cut off',
    file: 'gateway/forward/members.ts',
    find: 'void instance.leave().finally',
    replace: 'void instance.close().finally',
    tests: ['gateway/forward/fleet.int-test.ts > left DNS'],
  },
  {
    name: 'gateway: that no instance is known is believed',
    file: 'gateway/discover/keep-looking.ts',
    find: 'if (places.length === 0) throw',
    replace: 'if (places.length < 0) throw',
    tests: ['gateway/discover/registry/by-registry.int-test.ts'],
  },
  {
    name: 'services: one that drains says that it is ready',
    file: 'deploy/runtime/http.ts',
    find: 'draining.isUnderWay() ? ',
    replace: 'draining.isUnderWay() && false ? ',
    tests: ['deploy/runtime/closing.test.ts > drains'],
  },
  {
    name: 'services: who asks while one closes gets no problem',
    file: 'deploy/runtime/http.ts',
    find: '  refuseWhileClosing(app)\n',
    replace: '',
    tests: ['deploy/runtime/http.test.ts > while the app closes'],
  },
  {
    name: 'services: a connection outlives the answer while one closes',
    file: 'deploy/runtime/http.ts',
    find: 'if (isClosing) raw.socket.destroySoon()',
    replace: 'if (isClosing) raw.socket.ref()',
    tests: ['deploy/runtime/closing.test.ts > though its caller keeps the connection'],
  },
  {
    name: 'batches: the same payment twice in a batch is handed over twice',
    file: 'write-side/receive/submit-batch.ts',
    find: 'return first ? asTwin(first, request, item, isHeld) : asFirst(request, item)',
    replace: 'return asFirst(request, item)',
    tests: ['write-side/receive/batches.test.ts'],
  },
  {
    name: 'batches: what another partition has not decided holds up no payment to it',
    file: 'write-side/receive/submit-batch.ts',
    find: '[...new Set([partitionFor(command, partitions), ...places])]',
    replace: '[partitionFor(command, partitions)]',
    tests: ['write-side/receive/batch-partitions.test.ts'],
  },
  {
    name: 'batches: what follows an undecided payment is tried',
    file: 'write-side/receive/submit-batch.ts',
    find: 'return status === 429 || status === 503 || status === 504',
    replace: 'return status === 429 || status === 504',
    tests: ['write-side/receive/batches.test.ts'],
  },
  {
    name: 'files: half of a character is kept as another',
    file: 'write-side/receive/camt/xml-text.ts',
    find: 'if (plain.isWellFormed()) return plain',
    replace: 'return plain.toWellFormed()',
    tests: files,
  },
  {
    name: 'files: what is no character of XML is left out',
    file: 'write-side/receive/camt/xml-text.ts',
    find: 'if (strange === undefined) return text',
    replace: 'return text',
    tests: files,
  },
  {
    name: 'files: the tags of a statement are one in any namespace',
    file: 'write-side/receive/camt/camt-document.ts',
    find: 'if (namespace && !',
    replace: 'if (namespace && namespace.length > 99 && !',
    tests: files,
  },
]
