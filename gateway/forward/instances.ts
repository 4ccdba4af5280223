import type { Dispatcher } from 'undici'

/** Whoever can be asked. */
export type Requests = {
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>
}

/** Processes that answer alike. */
export type Instances = {
  /**
   * Whom to ask, one after the other, each once: of workers the owner of the partition first. UpstreamAwayError where
   * none is to be asked.
   */
  inOrder(partition?: number): readonly Requests[]
  /** It was not reached, broke off or is ending: for a while the others are asked first. */
  avoid(instance: Requests): void
}
