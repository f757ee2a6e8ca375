class TcpUdpBench < Formula
  desc "Measures what TCP and UDP really do with a file"
  homepage "{{repository}}"
  version "{{version}}"
  license "MIT"

  on_macos do
    on_arm do
      url "{{url bench-darwin-arm64}}"
      sha256 "{{sha256 bench-darwin-arm64}}"
    end
    on_intel do
      url "{{url bench-darwin-x64}}"
      sha256 "{{sha256 bench-darwin-x64}}"
    end
  end
  on_linux do
    on_arm do
      url "{{url bench-linux-arm64}}"
      sha256 "{{sha256 bench-linux-arm64}}"
    end
    on_intel do
      url "{{url bench-linux-x64}}"
      sha256 "{{sha256 bench-linux-x64}}"
    end
  end

  def install
    bin.install Dir["bench-*"].first => "bench"
    generate_completions_from_executable(bin/"bench", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    system bin/"bench", "run", "--size", "64k", "--repeat", "2", "--out", testpath/"rows.csv"
  end
end
