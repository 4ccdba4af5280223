/** Is told of each batch that a process has applied: how long that took, the wait for its turn included. */
export type FollowMeter = {
  applied(partition: number, records: number, seconds: number): void
}
