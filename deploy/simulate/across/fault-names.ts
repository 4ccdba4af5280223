/** Every kind of fault. Those of a machine hit all owners on it, those of an owner one partition of it alone. */
export const faultKinds = [
  ...['append answer lost', 'append late', 'append never', 'append twice', 'append slow'],
  ...['log refused', 'log silent', 'log slow', 'log of one partition silent', 'log of one partition away for all'],
  ...['log away for all', 'log silent for all'],
  ...['inbox refused', 'inbox silent', 'inbox slow', 'inbox away for all'],
  ...['messages lost', 'messages late', 'messages twice', 'messages changed', 'messages forged', 'messages again'],
  ...['lease refused', 'lease silent', 'leases away for all', 'lease lost', 'leases lost for all'],
  ...['lease for everybody', 'leases for everybody', 'lease for nobody'],
  ...['clients cut off', 'crash', 'crash of one owner', 'crash of all', 'pause', 'pause of one owner', 'restart'],
  ...['clock forward', 'clock back', 'disk full', 'disk loses what is not flushed', 'disk tears what is not flushed'],
  ...['disk lost', 'disk backed up', 'disk restored'],
] as const

export type FaultKind = (typeof faultKinds)[number]

/** The end of the log of a partition is gone, and a person accepts that. */
export const lossKinds = ['history lost'] as const
export type LossKind = (typeof lossKinds)[number]

/** What lasts for so long that payments go over their time. */
export const longFaultKinds = ['long: log of one partition away', 'long: inbox away'] as const
export type LongFaultKind = (typeof longFaultKinds)[number]
