/** The API's types by their short names. `schema.ts` is made by `npm run types` from the API's own description. */
import type { components, paths } from './schema.js';

type Schemas = components['schemas'];

/** The API's routes. */
export type Paths = paths;

export type Account = Schemas['Account'];
export type AccountBrief = Schemas['AccountBrief'];
export type ApiError = Schemas['ApiError'];
export type ApiEvent = Schemas['ApiEvent'];
export type Band = Schemas['Band'];
export type Candles = Schemas['Candles'];
export type Chain = Schemas['Chain'];
export type ChainExpiry = Schemas['ChainExpiry'];
export type ChainSeries = Schemas['ChainSeries'];
export type ChainStrike = Schemas['ChainStrike'];
export type Command = Schemas['ApiCommand'];
export type CommandsAnswer = Schemas['CommandsAnswer'];
export type CostParts = Schemas['CostParts'];
export type DailyStats = Schemas['DailyStats'];
export type Depth = Schemas['Depth'];
export type DevAccount = Schemas['DevAccount'];
export type EventPage = Schemas['EventPage'];
export type Explanation = Schemas['Explanation'];
export type FillPage = Schemas['FillPage'];
export type FillRow = Schemas['FillRow'];
export type Greeks = Schemas['Greeks'];
export type InstrumentRow = Schemas['InstrumentRow'];
export type LpQueue = Schemas['LpQueue'];
export type LpRequest = Schemas['LpRequest'];
export type MarketParameters = Schemas['MarketParameters'];
export type MarketStatus = Schemas['MarketStatus'];
export type NavPath = Schemas['NavPath'];
export type NavPoint = Schemas['NavPoint'];
export type Order = Schemas['Order'];
export type OrderLeg = Schemas['OrderLeg'];
export type OrderPage = Schemas['OrderPage'];
export type PayoffLine = Schemas['PayoffLine'];
export type Pool = Schemas['Pool'];
export type PoolRisk = Schemas['PoolRisk'];
export type Position = Schemas['Position'];
export type QuoteAnswer = Schemas['QuoteAnswer'];
export type QuoteRequest = Schemas['QuoteRequest'];
export type RiskBook = Schemas['RiskBook'];
export type SessionRow = Schemas['SessionRow'];
export type SimulateAnswer = Schemas['SimulateAnswer'];
export type SignatureReport = Schemas['SignatureReport'];
export type Signed = Schemas['Signed'];
export type SmileSlice = Schemas['SmileSlice'];
export type Stake = Schemas['Stake'];
export type Status = Schemas['Status'];
export type Surface = Schemas['Surface'];
export type TradePage = Schemas['TradePage'];
export type TradeRow = Schemas['TradeRow'];
export type WhatIfAnswer = Schemas['WhatIfAnswer'];
export type WhatIfGrid = Schemas['WhatIfGrid'];
export type WhatIfRequest = Schemas['WhatIfRequest'];

/** One kind of event, like `EventOf<'order_filled'>`. */
export type EventOf<T extends ApiEvent['type']> = Extract<ApiEvent, { type: T }>;
