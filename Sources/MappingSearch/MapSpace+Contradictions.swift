import Workload

extension MapSpace {
  func checkThatItIsNotEmpty(_ compiler: MapSpaceCompiler) throws(MapSpaceError) {
  }
}
