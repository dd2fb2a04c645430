import { context, metrics, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { behave } from "../behave.ts";

await behave({ context, logs, metrics, trace, NodeSDK });
