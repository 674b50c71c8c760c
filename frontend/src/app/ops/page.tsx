import { OperationsApp } from "../../ops/OperationsApp";

export default function OperationsPage() {
  return <OperationsApp />;
}
