import { Doctor } from "../../doctor/Doctor";

export default function DoctorPage() {
  return <Doctor />;
}
